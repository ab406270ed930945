"""The Python client against a live server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.client import Client, ProblemError, ServerUnreachable
from hwcore.errors import OutputExists
from hwcore.progress import Progress
from tests.app.finished_jobs import DOCUMENT, LADDER, failed_job, layer_arrays, succeeded_job
from tests.app.live_server import LiveServer, live_server, settings_for, wait_until
from worker.contract import JobState


@pytest.fixture
def client(server: LiveServer) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


def test_a_job_from_post_to_artifacts(server: LiveServer, client: Client, tmp_path: Path) -> None:
    job = client.submit(DOCUMENT)
    assert job["state"] == "queued"
    assert client.get(job["id"]) == job
    assert job["id"] in {each["id"] for each in client.list(state="queued")["jobs"]}
    assert client.cancel(job["id"])["state"] == "cancelled"
    assert client.wait(job["id"])["state"] == "cancelled"

    pictures = {"plots__ladder.svg": b"<svg/>", "netlist__fc1_0_0.sp": b"* tile"}
    done = succeeded_job(server.jobs, server.artifacts, **pictures)
    assert client.wait(done.id)["result"]["ladder"] == LADDER
    folder = client.download(done.id, tmp_path / "out")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {each["name"] for each in client.artifacts(done.id)}
    assert (folder / "plots" / "ladder.svg").read_bytes() == b"<svg/>"
    assert (folder / "netlist" / "fc1_0_0.sp").read_bytes() == b"* tile"
    with np.load(folder / "conductances.npz") as found:
        np.testing.assert_array_equal(found["fc1/g_pos"], layer_arrays()["fc1/g_pos"])
    layer = client.conductances(done.id, "fc2")
    assert set(layer) == {"g_pos", "g_neg", "code_pos", "code_neg"}
    np.testing.assert_array_equal(layer["g_neg"], layer_arrays()["fc2/g_neg"])
    with pytest.raises(OutputExists):
        client.download(done.id, tmp_path / "out")


def test_text_is_sent_as_it_is(client: Client) -> None:
    assert client.submit('{"hardware": "ideal", "dataset": "digits"}')["state"] == "queued"
    with pytest.raises(ProblemError) as refused:
        client.submit(b"{")
    assert (refused.value.status, refused.value.reason) == (400, "MALFORMED_JSON")


def test_a_problem_is_raised_with_all_it_says(client: Client) -> None:
    with pytest.raises(ProblemError, match="levels") as refused:
        client.submit({"hardware": {"cell": {"levels": 1, "g_max": 1e-5}}, "dataset": "digits"})
    assert (refused.value.status, refused.value.reason) == (422, "INVALID_INPUT")
    assert refused.value.errors[0]["pointer"] == "/hardware/cell/levels"


@pytest.mark.parametrize("job_id", ["nothing", "../hardware", "a/b", "?x", "#"])
def test_an_id_stays_an_id(client: Client, job_id: str) -> None:
    with pytest.raises(ProblemError) as refused:
        client.get(job_id)
    assert refused.value.status == 404


def test_nobody_there(server: LiveServer) -> None:
    with Client("http://127.0.0.1:9", timeout=5) as client, pytest.raises(ServerUnreachable, match="mho serve"):
        client.get("x")


def test_a_proxy_in_the_environment_is_not_asked_for_this_machine(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Client(server.url) as client:
        assert "jobs" in client.list()


def test_watch_gives_each_change_and_ends_with_the_job(server: LiveServer, client: Client) -> None:
    job_id = client.submit(DOCUMENT)["id"]
    running = server.jobs.claim(job_id, "tests", lease_seconds=600)
    assert running is not None
    seen: list[dict[str, object]] = []
    watcher = threading.Thread(target=lambda: [seen.append(job) for job in client.watch(job_id, interval=0.01)])
    watcher.start()
    try:
        for epoch in (1, 2):
            step = Progress("float", epoch, 2, epoch / 4, f"epoch {epoch}")
            assert server.jobs.heartbeat(job_id, running.attempt, 600, step) is False
            wait_until(lambda epoch=epoch: seen and seen[-1]["epoch"] == epoch)
    finally:
        server.jobs.finish(job_id, running.attempt, JobState.SUCCEEDED, result={"ladder": LADDER})
        watcher.join(timeout=20)
    assert not watcher.is_alive()
    assert seen[-1]["state"] == "succeeded"
    assert [job["epoch"] for job in seen][-3:] == [1, 2, 2]


def test_watch_outlasts_a_restart_of_the_server(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with live_server(settings) as first:
        port = int(first.url.rpartition(":")[2])
        client = Client(first.url, timeout=5)
        job_id = client.submit(DOCUMENT)["id"]
        seen: list[str] = []
        watcher = threading.Thread(
            target=lambda: [seen.append(j["state"]) for j in client.watch(job_id, interval=0.02)]
        )
        watcher.start()
        wait_until(lambda: seen == ["queued"])
    with live_server(settings, port=port) as second:
        second.jobs.request_cancel(job_id)
        watcher.join(timeout=20)
    client.close()
    assert seen == ["queued", "cancelled"]


def test_waiting_has_an_end(server: LiveServer, client: Client) -> None:
    job_id = client.submit(DOCUMENT)["id"]
    with pytest.raises(TimeoutError, match="queued"):
        client.wait(job_id, timeout=0.05, interval=0.01)
    assert client.wait(failed_job(server.jobs).id, timeout=5)["error"]["reason"] == "TRAINING_FAILED"
