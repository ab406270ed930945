"""Health check of a worker: `python -m worker.contract.process.readiness` asks database, broker and artifacts.

Exits 0 where they do; otherwise 1, with what is missing on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing

from hwcore.errors import MhoError
from worker.contract.blobs.blob_store import BlobStore
from worker.contract.broker.messages import broker_ready
from worker.contract.jobs.job_store import JobStore
from worker.contract.settings.settings import Settings


def missing(settings: Settings) -> list[str]:
    """Dependencies that do not answer, each with its reason; empty where all is well."""

    def ask_database() -> None:
        with closing(JobStore(settings.database_url)) as store:
            store.ping()

    found = []
    checks: dict[str, Callable[[], None]] = {
        "database": ask_database,
        "broker": lambda: broker_ready(settings),
        "artifacts": lambda: BlobStore(settings.artifacts_url).check_writable(),
    }
    for name, check in checks.items():
        try:
            check()
        except MhoError as error:
            found.append(f"{name}: {error}")
    return found


if __name__ == "__main__":
    faults = missing(Settings())
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    sys.exit(1 if faults else 0)
