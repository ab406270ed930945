"""Conformance of the kinds of jobs: each is submitted, cancelled, killed and resumed, and ends with the same bytes.

A further kind joins with one line in `DOCUMENTS`: a job of some seconds, with several steps in its first stage.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from hwcore.spec import JOB_KINDS, parse_job
from tests.worker.embedded_service import Service, running_service
from tests.worker.processes import alive
from tests.worker.waiting import eventually
from worker.contract import Job, JobState

CHIP = {"cell": {"levels": 4, "g_max": 5e-5}, "noise": {"programming": {"type": "additive", "sigma_ratio": 0.05}}}
NETWORK = {"hardware": CHIP, "dataset": "digits", "model": {"hidden": [8]}}
PATIENCE = 120
"""Seconds for a job of some seconds, on a machine with much else to do."""
DOCUMENTS: dict[str, dict[str, Any]] = {
    "compile": {**NETWORK, "training": {"epochs": 6, "batch": 16}, "evaluation": {"chips": 3}},
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="module", params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {"kind": request.param, **DOCUMENTS[request.param]}


@pytest.fixture(scope="module")
def undisturbed(service: Service, document: dict[str, Any]) -> Job:
    """A job of the kind from its first step to its last."""
    return service.until(service.submit(document), JobState.SUCCEEDED, JobState.FAILED, seconds=PATIENCE)


def test_every_kind_has_a_document() -> None:
    assert DOCUMENTS.keys() == JOB_KINDS.keys()


def test_it_ends_with_its_files(service: Service, undisturbed: Job, document: dict[str, Any]) -> None:
    assert undisturbed.error is None
    assert (undisturbed.state, undisturbed.attempt, undisturbed.fraction) == (JobState.SUCCEEDED, 1, 1.0)
    manifest = service.manifest(undisturbed.id)
    assert manifest["job"] == parse_job(document).resolved().model_dump(mode="json")
    assert manifest["run"]["resumed_after"] is None
    assert manifest["files"].keys() == service.digests(undisturbed.id).keys() >= {"report.json"}


def test_it_can_be_cancelled(service: Service, document: dict[str, Any]) -> None:
    job_id = service.submit(document)
    eventually(lambda: service.store.get(job_id).stage, PATIENCE)
    pids = service.trainings()
    service.cancel(job_id)
    assert not any(alive(pid) for pid in pids)
    assert service.store.artifacts(job_id) == ()


def test_killed_it_is_resumed_and_ends_with_the_same_bytes(
    service: Service, undisturbed: Job, document: dict[str, Any]
) -> None:
    stages = parse_job(document).stages
    job_id = service.submit(document)
    # Where the kind has checkpoints, the next attempt goes on from one.
    eventually(lambda: service.store.get(job_id).checkpoint if stages else service.store.get(job_id).stage, PATIENCE)
    os.kill(service.main_process("worker"), signal.SIGKILL)
    job = service.until(job_id, JobState.SUCCEEDED, JobState.FAILED, attempt=2, seconds=PATIENCE)
    assert (job.state, job.attempt, job.result) == (JobState.SUCCEEDED, 2, undisturbed.result)
    assert service.digests(job_id) == service.digests(undisturbed.id)
    if stages:
        assert service.manifest(job_id)["run"]["resumed_after"]["stage"] in stages
