"""Offers whose attempt ends in the middle: nothing more is published, and the store is not used any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.worker.waiting import eventually
from worker.babysit.events import OfferNote
from worker.babysit.protocol import BUNDLE_NAME
from worker.babysit.senders.chip_offer import ChipOffer
from worker.babysit.share import Share
from worker.contract import BlobStore, Job, JobStore, Settings

NOTE = OfferNote(("drift.0", "drift.1", "drift.2"))


class Paused:
    """A method that waits in the middle, before or after it has done its work."""

    def __init__(self, method: Callable[..., Any], *, after: bool) -> None:
        self.method, self.after = method, after
        self.entered, self.go_on = threading.Event(), threading.Event()

    def __call__(self, *arguments: Any) -> Any:
        answer = self.method(*arguments) if self.after else None
        self.entered.set()
        assert self.go_on.wait(20)
        return answer if self.after else self.method(*arguments)


class Watched:
    """A store that notes which of its methods are called, and stops in one of them."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.called: list[str] = []
        self.paused: dict[str, Paused] = {}

    def pause(self, name: str, *, after: bool) -> Paused:
        """Stop in this method, before or after its work."""
        self.paused[name] = Paused(getattr(self.store, name), after=after)
        return self.paused[name]

    def __getattr__(self, name: str) -> Any:
        self.called.append(name)
        return self.paused.get(name) or getattr(self.store, name)


@pytest.fixture
def job(store: JobStore) -> Job:
    job = store.claim(store.create({"kind": "compile"}).id, "here", 60)
    assert job is not None
    return job


@pytest.fixture
def watched(store: JobStore) -> Any:
    return Watched(store)


@pytest.fixture
def blobs(settings: Settings) -> Any:
    return Watched(BlobStore(settings.artifacts_url))


@pytest.fixture
def published() -> list[Share]:
    return []


@pytest.fixture
def offer(job: Job, watched: Any, blobs: Any, tmp_path: Path, published: list[Share]) -> ChipOffer:
    (tmp_path / BUNDLE_NAME).write_text("all that is needed")

    def publish(shares: Sequence[Share]) -> None:
        published.extend(shares)

    return ChipOffer(job, watched, blobs, tmp_path, 2, publish)


def test_an_attempt_that_has_ended_names_no_bundle_and_publishes_nothing(
    offer: ChipOffer, watched: Any, blobs: Any, published: list[Share]
) -> None:
    paused = blobs.pause("put_file", after=True)
    offer.make(NOTE)
    assert paused.entered.wait(20)
    offer.withdraw()
    paused.go_on.set()
    offer._pool.shutdown()
    assert watched.called == ["help_wanted"]
    assert published == []


def test_an_attempt_that_ends_while_its_bundle_is_named_publishes_nothing(
    offer: ChipOffer, watched: Any, published: list[Share]
) -> None:
    paused = watched.pause("keep_bundle", after=False)
    offer.make(NOTE)
    assert paused.entered.wait(20)
    closing = threading.Thread(target=offer.close)
    closing.start()
    eventually(lambda: offer._closed)
    # The store may be closed after this: it waits for the call that is under way.
    closing.join(0.2)
    assert closing.is_alive()
    paused.go_on.set()
    closing.join(20)
    assert not closing.is_alive()
    offer._pool.shutdown()
    assert watched.called == ["help_wanted", "keep_bundle"]
    assert published == []


def test_an_attempt_that_has_ended_offers_nothing(offer: ChipOffer, watched: Any, published: list[Share]) -> None:
    offer.close()
    offer.make(NOTE)
    assert watched.called == []
    assert published == []
