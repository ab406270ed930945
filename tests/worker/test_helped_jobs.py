"""Real jobs with real helpers: the same bytes as alone, whichever process judged a chip and whichever was killed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from typing import Any

import pytest

from tests.hwcore.pipeline.small_jobs import HARDWARE
from tests.worker.processes import descendants
from tests.worker.signalled import STANDING, signalled
from tests.worker.waiting import eventually
from worker.babysit.share import Share
from worker.babysit.sitters.babysitter import Babysitter
from worker.babysit.sitters.share_sitter import ShareSitter
from worker.contract import BlobStore, JobState, JobStore, Settings

NOISE = {**HARDWARE["noise"], "read": {"type": "proportional", "sigma_ratio": 0.03}}


@pytest.fixture
def chosen(document: dict[str, Any]) -> dict[str, Any]:
    """A job with three effects, 4 chips of each, and 4 chips for the layers one by one."""
    return {**document, "hardware": {**HARDWARE, "noise": NOISE}, "evaluation": {"chips": 4}}


def ran(store: JobStore, settings: Settings, document: dict[str, Any], **options: Any) -> str:
    """Run a job that succeeds."""
    job_id = store.create(document).id
    assert Babysitter(store, settings, "test", **options).run(job_id) is JobState.SUCCEEDED
    return job_id


def kept(store: JobStore, settings: Settings, job_id: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Map every artifact but the manifest to its SHA-256, and read what the manifest says of the run."""
    digests = {each.name: each.sha256 for each in store.artifacts(job_id)}
    manifest = b"".join(BlobStore(settings.artifacts_url).read(digests.pop("manifest.json")))
    return digests, json.loads(manifest)["run"]


@pytest.mark.slow
def test_helped_or_not_and_a_helper_killed_the_bytes_are_the_same(
    store: JobStore, settings: Settings, chosen: dict[str, Any]
) -> None:
    eight = settings.model_copy(update={"share_chips": 8})
    dying = signalled("run_share", "result", 2, signal.SIGKILL)
    handed_in: list[int] = []

    def help_out(shares: Sequence[Share]) -> None:
        last, first = shares
        handed_in.append(ShareSitter(store, settings, share_command=dying).run(last))
        handed_in.append(ShareSitter(store, settings).run(first))
        folder = settings.staging_dir / first.job_id / "1" / "offers"
        eventually(lambda: len(list(folder.glob("[a-z]*.json"))) == 10)
        for pid, command in descendants(os.getpid()).items():
            if "run_attempt as program" in command:
                os.kill(pid, signal.SIGCONT)

    helped = ran(store, eight, chosen, publish_shares=help_out, attempt_command=STANDING)
    alone = ran(store, eight, chosen)
    assert handed_in == [2, 8]
    (of_helped, run_helped), (of_alone, run_alone) = (kept(store, settings, job_id) for job_id in (helped, alone))
    assert of_helped == of_alone
    assert (run_helped["tasks_from_elsewhere"], run_alone["tasks_from_elsewhere"]) == (10, 0)
