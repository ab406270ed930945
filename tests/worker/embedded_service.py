"""The embedded service for tests: a private Redis, a Celery worker, and jobs as it runs them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.worker.manifests import digest_in_manifest
from tests.worker.processes import children, descendants
from tests.worker.waiting import eventually
from worker.contract import ArtifactStore, Job, JobSize, JobState, JobStore, Reconciler, Settings, publish
from worker.contract.embedded import EmbeddedServices


@dataclass(frozen=True)
class Service:
    """All of it, as `mho serve` runs it, but for the HTTP server."""

    services: EmbeddedServices
    settings: Settings
    store: JobStore

    def submit(self, document: dict[str, Any]) -> str:
        job_id = self.store.create(document).id
        publish(self.settings, job_id, JobSize.SMALL)
        return job_id

    def until(self, job_id: str, *states: JobState, attempt: int = 1, seconds: float = 60) -> Job:
        """The job, once it is in one of the states with at least this attempt."""

        def look() -> Job | None:
            job = self.store.get(job_id)
            return job if job.state in states and job.attempt >= attempt else None

        job = eventually(look, seconds)
        assert job is not None
        return job

    def tether(self, name: str) -> int:
        """The process that this one has started for a service, once it is up."""
        return eventually(lambda: next(one.pid for one in self.services.status() if one.name == name))

    def main_process(self, name: str) -> int:
        """The service's own process: below its tether."""
        (pid,) = eventually(lambda: children(self.tether(name)))
        return pid

    def trainings(self) -> list[int]:
        """The training processes, tethers included."""
        return [pid for pid, command in descendants(os.getpid()).items() if "worker.run.run_attempt" in command]

    def cancel(self, job_id: str) -> None:
        """End a job that a test is done with."""
        self.store.request_cancel(job_id)
        self.until(job_id, JobState.CANCELLED)
        eventually(lambda: self.trainings() == [])

    def manifest(self, job_id: str) -> dict[str, Any]:
        """The manifest of a job that has succeeded."""
        digest = digest_in_manifest(self.store, job_id, "manifest.json")
        content = b"".join(ArtifactStore.of(self.settings).blobs.read(digest))
        manifest: dict[str, Any] = json.loads(content)
        return manifest

    def digests(self, job_id: str) -> dict[str, str]:
        """SHA-256 of every artifact but the manifest, which says when and where."""
        return {each.name: each.sha256 for each in self.store.artifacts(job_id) if each.name != "manifest.json"}


@contextmanager
def running_service(home: Path) -> Iterator[Service]:
    """Start it all, with leases of a second and a checkpoint after every epoch."""
    settings = Settings(
        home=home,
        database_url="",
        broker_url=None,
        data_dir=None,
        threads=1,
        lease_seconds=1.5,
        heartbeat_seconds=0.2,
        reconcile_seconds=0.1,
        cancel_grace_seconds=0.5,
        max_attempts=3,
        checkpoint_seconds=0.0,
    )
    settings = settings.model_copy(update={"database_url": f"sqlite:///{settings.home}/mho.sqlite3"})
    with EmbeddedServices(settings) as services:
        store = JobStore(settings.database_url)
        reconciler = Reconciler(store, services.settings)
        reconciler.start()
        yield Service(services, services.settings, store)
        reconciler.stop()
        store.close()
