"""Babysitters for tests."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.worker.waiting import eventually
from worker.babysit.senders.chip_offer import Publish
from worker.babysit.sitters.babysitter import Babysitter
from worker.contract import JobState, JobStore, Settings

SCRIPT = Path(__file__).with_name("pretended_attempt.py")


class Nursery:
    """Runs babysitters in threads, each with a training process that behaves as named."""

    def __init__(self, store: JobStore, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.stopping = threading.Event()
        self.pool = ThreadPoolExecutor()

    def sitter(
        self, *behaviour: str, settings: Settings | None = None, publish_shares: Publish | None = None
    ) -> Babysitter:
        return Babysitter(
            self.store,
            settings or self.settings,
            "test",
            shutting_down=self.stopping.is_set,
            attempt_command=(sys.executable, "-S", str(SCRIPT), *behaviour),
            publish_shares=publish_shares,
        )

    def job(self) -> str:
        return self.store.create({"kind": "compile"}).id

    def run(self, *behaviour: str, **changes: Any) -> tuple[str, JobState | None]:
        job_id = self.job()
        settings = self.settings.model_copy(update=changes)
        return job_id, self.sitter(*behaviour, settings=settings).run(job_id)

    def start(self, *behaviour: str, publish_shares: Publish | None = None) -> tuple[str, Future[JobState | None]]:
        """Run a job in a thread, and wait until it reports epoch 2."""
        job_id = self.job()
        future = self.pool.submit(self.sitter(*behaviour, publish_shares=publish_shares).run, job_id)
        eventually(lambda: self.store.get(job_id).epoch == 2)
        return job_id, future
