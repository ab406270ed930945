"""A job is helped through the real thing: a private Redis, and a Celery worker with two children."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import select

from tests.hwcore.pipeline.small_jobs import HARDWARE
from tests.worker.processes import descendants
from tests.worker.waiting import eventually
from worker.contract import BlobStore, JobSize, JobState, JobStore, Settings, publish
from worker.contract.embedded import EmbeddedServices
from worker.contract.messages import SHARES_QUEUE
from worker.contract.tables import CHIP_RESULTS, JOBS


@pytest.fixture
def services(settings: Settings) -> Iterator[EmbeddedServices]:
    changes = {"concurrency": 2, "share_chips": 4, "store_seconds": 60.0}
    with EmbeddedServices(settings.model_copy(update=changes)) as services:
        yield services


def trainings() -> list[int]:
    """The training processes themselves, without their tethers."""
    return [
        pid
        for pid, command in descendants(os.getpid()).items()
        if command.endswith("-m worker.run_attempt") and "tether" not in command
    ]


@pytest.mark.slow
def test_a_child_with_nothing_to_do_helps_the_other(
    services: EmbeddedServices, store: JobStore, document: dict[str, Any]
) -> None:
    # Long enough to be caught in the middle of it; then it stands still until somebody has helped.
    chosen = {**document, "hardware": HARDWARE, "evaluation": {"chips": 200}}

    def offered() -> bool:
        with store._database.read() as connection:
            return connection.scalar(select(JOBS.c.bundle)) is not None

    def helped() -> bool:
        with store._database.read() as connection:
            return connection.scalar(select(CHIP_RESULTS.c.task)) is not None

    job_id = store.create(chosen).id
    publish(services.settings, job_id, JobSize.SMALL)
    eventually(offered, 60)
    (training,) = trainings()
    os.kill(training, signal.SIGSTOP)
    try:
        eventually(helped, 60)
        # By the way of the database into the training's folder, within the next look.
        folder = services.settings.staging_dir / job_id / "1" / "offers"
        eventually(lambda: list(folder.glob("[a-z]*.json")))
    finally:
        os.kill(training, signal.SIGCONT)
    job = eventually(lambda: next((job for job in [store.get(job_id)] if job.finished), None), 60)
    assert job.state is JobState.SUCCEEDED
    digests = {each.name: each.sha256 for each in store.artifacts(job_id)}
    manifest = json.loads(b"".join(BlobStore(services.settings.artifacts_url).read(digests["manifest.json"])))
    assert manifest["run"]["tasks_from_elsewhere"] >= 1
    assert not offered()
    assert not helped()
    # What nobody has taken is dropped, and not carried around.
    with redis.Redis.from_url(str(services.settings.broker_url).replace("redis+socket", "unix")) as client:
        eventually(lambda: client.llen(SHARES_QUEUE) == 0)
    eventually(lambda: not any("worker.run_share" in command for command in descendants(os.getpid()).values()))
