"""One finished job that many tests look at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hwcore.pipeline import run
from hwcore.progress import Progress
from hwcore.spec import CompileJob
from tests.hwcore.pipeline.small_jobs import Listener, job


@dataclass(frozen=True)
class Finished:
    """A job that is done: what it was, what it returned, what it said and where its files are."""

    job: CompileJob
    out: Path
    report: dict[str, Any]
    heard: list[Progress]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A good training: eight epochs of small batches."""
    out, listener = tmp_path_factory.mktemp("finished") / "out", Listener()
    chosen = job(training={"epochs": 8, "batch": 16})
    report = run(chosen, out, device="cpu", threads=1, progress=listener)
    return Finished(chosen, out, report, listener.heard)
