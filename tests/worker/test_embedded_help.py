"""Help for a real job through a private Redis and a Celery worker with two children."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis
from sqlalchemy import select

from tests.hwcore.pipeline.small_jobs import HARDWARE
from tests.worker.processes import descendants
from tests.worker.waiting import eventually
from worker.contract import BlobStore, Job, JobSize, JobState, JobStore, Settings, publish
from worker.contract.broker.messages import SHARES_QUEUE
from worker.contract.database.tables import CHIP_RESULTS, JOBS
from worker.contract.embedded import EmbeddedServices
from worker.contract.process.worker_process import celery_command

STANDING_APP = "tests.worker.standing_celery_app"


@pytest.fixture
def services(settings: Settings) -> Iterator[EmbeddedServices]:
    """Services whose trainings stop at their offers until they are continued."""

    def command(*arguments: Any) -> list[str]:
        return [STANDING_APP if each == "worker.celery_app" else each for each in celery_command(*arguments)]

    changes = {"concurrency": 2, "share_chips": 4, "store_seconds": 60.0}
    with EmbeddedServices(settings.model_copy(update=changes), worker_command=command) as services:
        yield services


def go_on() -> None:
    """Continue the training; to be repeated, as the first time could be before it stops."""
    for pid, command in descendants(os.getpid()).items():
        if "run_attempt as program" in command:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
def test_a_child_with_nothing_to_do_helps_the_other(
    services: EmbeddedServices, store: JobStore, document: dict[str, Any]
) -> None:
    chosen = {**document, "hardware": HARDWARE, "evaluation": {"chips": 20}}

    def offered() -> bool:
        with store._database.read() as connection:
            return connection.scalar(select(JOBS.c.bundle)) is not None

    def helped() -> bool:
        with store._database.read() as connection:
            return connection.scalar(select(CHIP_RESULTS.c.task)) is not None

    job_id = store.create(chosen).id
    publish(services.settings, job_id, JobSize.SMALL)
    # It stands still until a helper's result has come into its folder, through the database.
    folder = services.settings.staging_dir / job_id / "1" / "offers"
    eventually(lambda: list(folder.glob("[a-z]*.json")), 60)
    assert offered()
    assert helped()

    def ended() -> Job | None:
        go_on()
        job = store.get(job_id)
        return job if job.finished else None

    job = eventually(ended, 60)
    assert job is not None
    assert job.state is JobState.SUCCEEDED
    digests = {each.name: each.sha256 for each in store.artifacts(job_id)}
    manifest = json.loads(b"".join(BlobStore(services.settings.artifacts_url).read(digests["manifest.json"])))
    assert manifest["run"]["tasks_from_elsewhere"] >= 1
    assert not offered()
    assert not helped()
    # Shares that nobody took are dropped.
    with redis.Redis.from_url(str(services.settings.broker_url).replace("redis+socket", "unix")) as client:
        eventually(lambda: client.llen(SHARES_QUEUE) == 0)
    eventually(lambda: not any("worker.run.run_share" in command for command in descendants(os.getpid()).values()))
