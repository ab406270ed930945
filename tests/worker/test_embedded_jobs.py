"""Real jobs through a private Redis, a Celery worker and the pipeline on `digits`."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.worker.embedded_service import Service, running_service
from tests.worker.manifests import artifact_in_manifest
from tests.worker.processes import alive, children
from tests.worker.waiting import eventually
from worker.contract import ArtifactStore, JobFilter, JobSize, JobState, publish

ARTIFACTS = {"conductances.npz", "manifest.json", "report.json", "tiles.json", "weights.safetensors"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def endless(document: dict[str, Any]) -> dict[str, Any]:
    """A real job that no test waits for."""
    return {**document, "training": {"epochs": 1000}}


def test_a_job_runs_once_although_its_message_comes_three_times(service: Service, document: dict[str, Any]) -> None:
    job_id = service.submit(document)
    publish(service.settings, job_id, JobSize.SMALL)
    publish(service.settings, job_id, JobSize.SMALL)
    job = service.until(job_id, JobState.SUCCEEDED, JobState.FAILED)
    assert job.error is None
    assert (job.state, job.attempt, job.fraction) == (JobState.SUCCEEDED, 1, 1.0)
    assert job.result is not None
    assert [rung["stage"] for rung in job.result["ladder"]][:3] == ["float", "rounded", "hardware_aware"]
    manifest = service.store.artifacts(job_id)
    assert {artifact.name for artifact in manifest} >= ARTIFACTS
    files = ArtifactStore.of(service.settings)
    for artifact in manifest:
        content = b"".join(files.blobs.read(artifact.sha256))
        assert (artifact.size, artifact.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert files.attempts() == ()


def test_cancelling_a_real_training(service: Service, endless: dict[str, Any]) -> None:
    job_id = service.submit(endless)
    eventually(lambda: service.store.get(job_id).stage, 30)
    pids = service.trainings()
    assert len(pids) == 2
    service.cancel(job_id)
    assert not any(alive(pid) for pid in pids)
    assert not (service.settings.staging_dir / job_id).exists()
    assert service.store.artifacts(job_id) == ()


def test_a_killed_worker_costs_an_attempt_and_not_the_job(service: Service, document: dict[str, Any]) -> None:
    job_id = service.submit(document)
    pids = eventually(service.trainings)
    os.kill(service.main_process("worker"), signal.SIGKILL)
    eventually(lambda: not any(alive(pid) for pid in pids), 5)
    job = service.until(job_id, JobState.SUCCEEDED, JobState.FAILED)
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 2)
    report = artifact_in_manifest(service.store, job_id, "report.json")
    assert ArtifactStore.of(service.settings).blobs.size(report.sha256) == report.size
    assert not (service.settings.staging_dir / job_id).exists()


def test_a_worker_that_is_asked_to_stop_hands_its_job_back(service: Service, endless: dict[str, Any]) -> None:
    job_id = service.submit(endless)
    pids = eventually(service.trainings)
    worker = service.main_process("worker")
    os.kill(worker, signal.SIGTERM)
    # Prompt: long before the lease of a lost worker would be over, and without a reconciler's error.
    eventually(lambda: not any(alive(pid) for pid in [worker, *pids]), 10)
    job = service.until(job_id, JobState.RUNNING, attempt=2)
    assert job.error is None
    service.cancel(job_id)


def test_a_killed_pool_child_costs_an_attempt_and_not_the_worker(service: Service, endless: dict[str, Any]) -> None:
    job_id = service.submit(endless)
    eventually(service.trainings)
    worker = service.main_process("worker")
    (child,) = children(worker)
    os.kill(child, signal.SIGKILL)
    service.until(job_id, JobState.RUNNING, attempt=2)
    assert service.main_process("worker") == worker
    service.cancel(job_id)


def test_a_killed_redis_comes_back_and_the_job_is_run(service: Service, endless: dict[str, Any]) -> None:
    redis = service.main_process("redis")
    os.kill(redis, signal.SIGKILL)
    # Nobody publishes it but the reconciler, to a server that is about to be there again.
    job_id = service.store.create(endless).id
    service.until(job_id, JobState.RUNNING)
    assert service.main_process("redis") != redis
    assert {one.name: one.restarts >= 1 for one in service.services.status()} == {"redis": True, "worker": True}
    service.cancel(job_id)
    assert service.store.list(JobFilter(frozenset({JobState.QUEUED}))).jobs == ()
    assert service.store.list(JobFilter(frozenset({JobState.RUNNING}))).jobs == ()


@pytest.mark.slow
def test_a_worker_killed_in_epoch_8_of_10_costs_that_epoch(service: Service, document: dict[str, Any]) -> None:
    # Small batches: an epoch is long enough to be killed in the middle of it.
    long = {**document, "training": {"epochs": 10, "float_epochs": 1, "batch": 4}}
    job_id = service.submit(long)

    def after_seven() -> bool:
        checkpoint = service.store.get(job_id).checkpoint
        return checkpoint is not None and (checkpoint["stage"], checkpoint["epoch"]) == ("hardware_aware", 7)

    eventually(after_seven, 120)
    os.kill(service.main_process("worker"), signal.SIGKILL)
    job = service.until(job_id, JobState.SUCCEEDED, JobState.FAILED, attempt=2, seconds=120)
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 2)
    assert service.manifest(job_id)["run"]["resumed_after"] == {"stage": "hardware_aware", "epoch": 7}

    undisturbed = service.submit(long)
    assert service.until(undisturbed, JobState.SUCCEEDED, JobState.FAILED, seconds=120).state is JobState.SUCCEEDED
    assert service.manifest(undisturbed)["run"]["resumed_after"] is None
    assert service.digests(job_id) == service.digests(undisturbed)
