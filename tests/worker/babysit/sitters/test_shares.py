"""Chips that are offered to other workers: cut into shares, done or dropped; no job depends on them."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.worker.nursery import Nursery
from tests.worker.processes import alive
from tests.worker.waiting import eventually
from worker.babysit.share import Share, cut
from worker.babysit.sitters.share_sitter import ShareSitter
from worker.contract import BlobStore, BrokerUnavailable, JobSize, JobState, JobStore, Settings

SCRIPT = Path(__file__).parents[2] / "pretended_share.py"
TASKS = ("drift.0", "drift.1", "drift.2", "each_layer.0", "each_layer.1")
BUNDLE = "ab" * 32


@pytest.fixture
def nursery(store: JobStore, settings: Settings) -> Iterator[Nursery]:
    nursery = Nursery(store, settings.model_copy(update={"share_chips": 2}))
    yield nursery
    nursery.stopping.set()
    nursery.pool.shutdown()


class Helper:
    """Makes sitters of shares whose processes behave as named."""

    def __init__(self, store: JobStore, settings: Settings, folder: Path) -> None:
        self.store, self.settings = store, settings
        self.note = folder / "pid"
        self.stopping = threading.Event()

    def sitter(self, behaviour: str) -> ShareSitter:
        command = (sys.executable, "-S", str(SCRIPT), behaviour, str(self.note))
        return ShareSitter(self.store, self.settings, shutting_down=self.stopping.is_set, share_command=command)

    def pid(self) -> int:
        """Wait for the id of its process."""
        return int(eventually(lambda: self.note.exists() and self.note.read_text()) or 0)


@pytest.fixture
def helper(store: JobStore, settings: Settings, tmp_path: Path, nursery: Nursery) -> Iterator[Helper]:
    """A helper that stops at the end, before the nursery waits for its threads."""
    helper = Helper(store, settings, tmp_path)
    yield helper
    helper.stopping.set()


def running(store: JobStore) -> Share:
    """Make a share of an attempt that runs on another worker."""
    job = store.claim(store.create({"kind": "compile"}).id, "another", 60)
    assert job is not None
    assert store.keep_bundle(job.id, job.attempt, BUNDLE)
    return Share(job.id, job.attempt, BUNDLE, TASKS[::-1])


def test_shares_are_cut_from_the_back_and_go_backwards() -> None:
    shares = cut("job", 3, BUNDLE, TASKS, 2)
    assert [share.tasks for share in shares] == [
        ("each_layer.1", "each_layer.0"),
        ("drift.2", "drift.1"),
        ("drift.0",),
    ]
    assert {(share.job_id, share.attempt, share.bundle) for share in shares} == {("job", 3, BUNDLE)}


def test_results_of_helpers_come_to_the_process(nursery: Nursery, helper: Helper, settings: Settings) -> None:
    published: list[Share] = []
    helped = []
    blobs = BlobStore(settings.artifacts_url)

    def publish(shares: Sequence[Share]) -> None:
        published.extend(shares)
        assert b"".join(blobs.read(shares[0].bundle)) == b"all that is needed"
        assert nursery.store.refers_to(shares[0].bundle)
        helped.extend(helper.sitter("answer").run(share) for share in shares)

    job_id = nursery.job()
    assert nursery.sitter("offer", *TASKS, publish_shares=publish).run(job_id) is JobState.SUCCEEDED
    assert helped == [2, 2, 1]
    assert [task for share in published for task in share.tasks] == list(TASKS[::-1])
    (report,) = nursery.store.artifacts(job_id)
    assert json.loads(b"".join(blobs.read(report.sha256))) == {task: [int(task.partition(".")[2])] for task in TASKS}
    # Only the artifacts of the job are left.
    assert nursery.store.judged_chips(job_id) == {}
    assert [blob.sha256 for blob in blobs.list()] == [report.sha256]
    assert list(settings.staging_dir.iterdir()) == []


@pytest.mark.parametrize("away", ["broker", "store"])
def test_an_offer_that_is_not_heard_costs_nothing(
    away: str, nursery: Nursery, settings: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    heard = threading.Event()

    def publish(shares: Sequence[Share]) -> None:
        heard.set()
        raise BrokerUnavailable("the broker does not answer")

    if away == "store":
        (settings.home / "artifacts").parent.mkdir(parents=True, exist_ok=True)
        (settings.home / "artifacts").write_text("no folder")
    job_id, future = nursery.start("offer_and_hang", *TASKS, publish_shares=publish)
    eventually(lambda: "its chips are not offered" in caplog.text)
    assert heard.is_set() == (away == "broker")
    nursery.store.request_cancel(job_id)
    assert future.result(20) is JobState.CANCELLED


@pytest.mark.parametrize("changes", [{"share_chips": 0}, {}])
def test_nothing_is_offered_where_nobody_is_to_help(
    nursery: Nursery, settings: Settings, changes: dict[str, int]
) -> None:
    published: list[Share] = []
    publish = None if not changes else published.extend
    job_id = nursery.job()
    sitter = nursery.sitter(
        "offer_and_succeed", *TASKS, settings=nursery.settings.model_copy(update=changes), publish_shares=publish
    )
    assert sitter.run(job_id) is JobState.SUCCEEDED
    assert published == []
    assert len(list(BlobStore(settings.artifacts_url).list())) == 2


@pytest.mark.parametrize("size", JobSize)
def test_nothing_is_offered_while_a_job_waits(
    size: JobSize, nursery: Nursery, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    published: list[Share] = []
    nursery.store.create({"kind": "compile"}, size=size)
    with caplog.at_level(logging.INFO):
        _, future = nursery.start("offer_and_hang", *TASKS, publish_shares=published.extend)
        eventually(lambda: "not offered: other jobs wait" in caplog.text)
    nursery.stopping.set()
    assert future.result(20) is JobState.QUEUED
    assert published == []
    assert list(BlobStore(settings.artifacts_url).list()) == []


def test_an_offer_that_nobody_takes_is_withdrawn(nursery: Nursery, settings: Settings, helper: Helper) -> None:
    published: list[Share] = []
    job_id, future = nursery.start("offer_and_hang", *TASKS, publish_shares=published.extend)
    eventually(lambda: published)
    assert nursery.store.refers_to(published[0].bundle)
    nursery.stopping.set()
    assert future.result(20) is JobState.QUEUED
    assert list(BlobStore(settings.artifacts_url).list()) == []
    # Shares that are still in the queue are dropped, whatever has become of the job.
    assert [helper.sitter("answer").run(share) for share in published] == [0, 0, 0]
    assert nursery.store.claim(job_id, "again", 60) is not None
    assert [helper.sitter("answer").run(share) for share in published] == [0, 0, 0]
    assert not helper.note.exists()


@pytest.mark.parametrize("why", ["finished", "cancelled", "attempt", "bundle", "shutdown", "job waits", "gone"])
def test_a_share_that_is_not_wanted_starts_nothing(why: str, store: JobStore, helper: Helper) -> None:
    share = running(store)
    match why:
        case "finished":
            assert store.finish(share.job_id, 1, JobState.SUCCEEDED)
        case "cancelled":
            store.request_cancel(share.job_id)
        case "attempt":
            assert store.hand_back(share.job_id, 1)
            assert store.claim(share.job_id, "another", 60) is not None
            assert store.keep_bundle(share.job_id, 2, BUNDLE)
        case "bundle":
            share = replace(share, bundle="cd" * 32)
        case "shutdown":
            helper.stopping.set()
        case "job waits":
            store.create({"kind": "compile"})
        case "gone":
            assert store.finish(share.job_id, 1, JobState.SUCCEEDED)
            store.delete(share.job_id)
    assert helper.sitter("answer").run(share) == 0
    assert not helper.note.exists()


@pytest.mark.parametrize("why", ["finished", "cancelled", "shutdown", "job waits"])
def test_a_helper_stops_when_it_is_not_wanted_any_more(
    why: str, store: JobStore, helper: Helper, nursery: Nursery
) -> None:
    share = running(store)
    future = nursery.pool.submit(helper.sitter("hang").run, share)
    assert eventually(lambda: store.chip_results(share.job_id, share.bundle)) == {"each_layer.1": [1]}
    pid = helper.pid()
    assert alive(pid)
    match why:
        case "finished":
            assert store.finish(share.job_id, 1, JobState.SUCCEEDED)
        case "cancelled":
            store.request_cancel(share.job_id)
        case "shutdown":
            helper.stopping.set()
        case "job waits":
            store.create({"kind": "compile"})
    assert future.result(20) == 1
    assert not alive(pid)


def test_a_job_of_a_size_that_the_helper_does_not_take_may_wait(store: JobStore, helper: Helper) -> None:
    helper.settings = helper.settings.model_copy(update={"queues": "small"})
    share = running(store)
    store.create({"kind": "compile"}, size=JobSize.LARGE)
    assert helper.sitter("answer").run(share) == len(TASKS)


@pytest.mark.parametrize(("behaviour", "words"), [("fail", "another torch"), ("crash", "about to end")])
def test_a_share_that_fails_is_logged_and_keeps_what_it_has(
    behaviour: str, words: str, store: JobStore, helper: Helper, caplog: pytest.LogCaptureFixture
) -> None:
    share = running(store)
    with caplog.at_level(logging.WARNING):
        assert helper.sitter(behaviour).run(share) == 1
    assert words in caplog.text
    assert store.chip_results(share.job_id, share.bundle) == {"each_layer.1": [1]}
    assert store.get(share.job_id).state is JobState.RUNNING


def test_a_helper_that_cannot_be_started_is_logged(
    store: JobStore, helper: Helper, caplog: pytest.LogCaptureFixture
) -> None:
    sitter = ShareSitter(store, helper.settings, share_command=("/nowhere/python",))
    assert sitter.run(running(store)) == 0
    assert "cannot be started" in caplog.text


def test_results_of_tasks_that_are_not_in_the_share_are_dropped(store: JobStore, helper: Helper) -> None:
    share = running(store)
    assert helper.sitter("others").run(share) == 1
    assert store.chip_results(share.job_id, share.bundle) == {"each_layer.1": [1]}
