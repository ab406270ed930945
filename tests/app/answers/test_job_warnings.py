"""What works and is probably not meant is said wherever a job or a chip is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.app.finished_jobs import DOCUMENT, LADDER
from tests.app.live_server import LiveServer
from tests.hwcore.uploads.files import arrays, write_npz
from worker.contract import JobState

HUGE = {"cell": {"levels": 4, "g_max": 0.5, "on_off_ratio": 8}}
UNUSUAL = ("/hardware/cell/g_max", "500 mS is unusual")


def uploaded(server: LiveServer, folder: Path) -> dict[str, Any]:
    """A dataset without an image to train on of class 2, as a job names it."""
    saved = arrays()
    saved["y_train"] = np.where(saved["y_train"] == 2, 3, saved["y_train"])
    content = write_npz(folder / "own.npz", saved).read_bytes()
    response = server.http.post("/v1/datasets", content=content, headers={"Content-Type": "application/x-npz"})
    named: dict[str, Any] = response.json()["dataset"]
    return named


def test_a_job_says_what_its_chip_and_its_data_are_warned_of(server: LiveServer, tmp_path: Path) -> None:
    document = {"hardware": HUGE, "dataset": uploaded(server, tmp_path)}
    posted = server.http.post("/v1/jobs", json=document).json()
    chip, data = posted["warnings"]
    assert (chip["field"], chip["message"][: len(UNUSUAL[1])]) == UNUSUAL
    assert data == {"field": "/dataset", "message": "1 of 4 classes have no image to train on: 2"}
    assert server.http.get(posted["links"]["self"]).json() == posted
    resolved = server.http.post("/v1/hardware:resolve", json=document).json()
    assert resolved["warnings"] == posted["warnings"]
    assert server.http.post(posted["links"]["cancel"]).json()["warnings"] == posted["warnings"]
    # The data may go once no job waits for them; what the document says of the chip stays.
    server.http.delete(f"/v1/datasets/{document['dataset']['id']}").raise_for_status()
    assert server.http.get(posted["links"]["self"]).json()["warnings"] == [chip]


def test_a_job_that_is_done_has_the_warnings_of_its_report(server: LiveServer) -> None:
    job = server.jobs.create(DOCUMENT)
    assert server.http.get(f"/v1/jobs/{job.id}").json()["warnings"] == []
    running = server.jobs.claim(job.id, "worker", lease_seconds=60.0)
    assert running is not None
    found = [{"field": "/training", "message": "it went wrong on the way"}]
    result = {"ladder": LADDER, "warnings": found}
    server.jobs.finish(job.id, running.attempt, JobState.SUCCEEDED, result=result)
    assert server.http.get(f"/v1/jobs/{job.id}").json()["warnings"] == found


def test_a_description_alone_is_warned_of(server: LiveServer) -> None:
    (chip,) = server.http.post("/v1/hardware:resolve", json=HUGE).json()["warnings"]
    assert (chip["field"], chip["message"][: len(UNUSUAL[1])]) == UNUSUAL
    assert server.http.post("/v1/hardware:resolve", json={"hardware": "fefet-2b"}).json()["warnings"] == []
