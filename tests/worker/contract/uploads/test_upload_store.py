"""Uploads: the same bytes are one of a kind, another's are not there, and none goes while a job needs it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from hwcore.errors import InvalidInput
from worker.contract import (
    Caller,
    Job,
    JobState,
    JobStore,
    QuotaExceeded,
    Scope,
    Settings,
    StoredUpload,
    UploadInUse,
    UploadNotFound,
    UploadReference,
    UploadStore,
)

pytestmark = pytest.mark.each_database

ANN = Caller("ann", frozenset({Scope.SUBMIT}))
BOB = Caller("bob", frozenset({Scope.SUBMIT}))
ROOT = Caller("root", frozenset({Scope.ADMIN}))
ABOUT = {"height": 4, "width": 4, "classes": 3, "warnings": []}
DIGEST = "5" * 64


@pytest.fixture
def datasets(store: JobStore, settings: Settings) -> Iterator[UploadStore]:
    opened = UploadStore(settings.database_url, "dataset", use="is trained on")
    yield opened
    opened.close()


def post_on(store: JobStore, dataset: StoredUpload) -> Job:
    document = {"hardware": "ideal", "dataset": {"type": "uploaded", "id": dataset.id}}
    return store.create(document, uploads=[UploadReference("dataset", dataset.id)])


def test_a_dataset_is_kept_and_found(datasets: UploadStore) -> None:
    found, new = datasets.add(DIGEST, 1 << 40, ABOUT, "letters")
    assert new
    assert (found.name, found.sha256, found.size, found.description) == ("letters", DIGEST, 1 << 40, ABOUT)
    assert datasets.get(found.id) == found
    assert datasets.list().uploads == (found,)


def test_the_same_bytes_are_one_dataset_of_each_owner(datasets: UploadStore) -> None:
    first, _ = datasets.seen_by(ANN).add(DIGEST, 5, ABOUT, "first")
    again, new = datasets.seen_by(ANN).add(DIGEST, 5, ABOUT, "second")
    assert (again, new) == (first, False)
    other, new = datasets.seen_by(BOB).add(DIGEST, 5, ABOUT)
    assert new
    assert other.id != first.id


def test_anothers_dataset_is_not_there(datasets: UploadStore, store: JobStore) -> None:
    found, _ = datasets.seen_by(ANN).add(DIGEST, 5, ABOUT)
    bobs = datasets.seen_by(BOB)
    assert bobs.list().uploads == ()
    for ask in (bobs.get, bobs.remove):
        with pytest.raises(UploadNotFound, match=f"got the dataset id '{found.id}'; allowed: the id of a dataset"):
            ask(found.id)
    with pytest.raises(UploadNotFound):
        post_on(store.seen_by(BOB), found)
    assert datasets.seen_by(ROOT).get(found.id) == found
    assert post_on(store.seen_by(ROOT), found).state is JobState.QUEUED


def test_pages_go_from_new_to_old(datasets: UploadStore) -> None:
    made = [datasets.add(f"{number:064x}", 5, ABOUT)[0] for number in range(5)]
    first = datasets.list(limit=2)
    second = datasets.list(limit=2, cursor=first.next_cursor)
    third = datasets.list(limit=2, cursor=second.next_cursor)
    assert [*first.uploads, *second.uploads, *third.uploads] == made[::-1]
    assert third.next_cursor is None
    with pytest.raises(InvalidInput, match="limit"):
        datasets.list(limit=0)
    with pytest.raises(InvalidInput, match="cursor"):
        datasets.list(cursor="x")


def test_a_dataset_stays_until_its_jobs_have_finished(datasets: UploadStore, store: JobStore) -> None:
    found, _ = datasets.add(DIGEST, 5, ABOUT)
    other, _ = datasets.add("6" * 64, 5, ABOUT)
    store.create({"hardware": "ideal", "dataset": "digits"})
    waiting = post_on(store, found)
    with pytest.raises(UploadInUse, match=f"dataset {found.id} is what job {waiting.id} is trained on; allowed: to"):
        datasets.remove(found.id)
    running = store.claim(waiting.id, "worker", 30)
    assert running is not None
    with pytest.raises(UploadInUse):
        datasets.remove(found.id)
    datasets.remove(other.id)
    assert store.finish(running.id, running.attempt, JobState.FAILED, error={"reason": "INTERNAL", "detail": ""})
    datasets.remove(found.id)
    for ask in (datasets.get, datasets.remove):
        with pytest.raises(UploadNotFound):
            ask(found.id)
    with pytest.raises(UploadNotFound):
        post_on(store, found)


@pytest.mark.parametrize("dataset_id", ["", "x", "'; drop table datasets", "\x00", "é" * 300])
def test_any_text_may_be_asked_for(datasets: UploadStore, dataset_id: str) -> None:
    with pytest.raises(UploadNotFound) as refused:
        datasets.get(dataset_id)
    assert len(str(refused.value)) < 700
    assert str(refused.value).isprintable()


def test_none_is_added_to_a_full_store(store: JobStore, settings: Settings) -> None:
    datasets = UploadStore(settings.database_url, "dataset", max_stored_bytes=60)
    first, _ = datasets.add(DIGEST, 60, ABOUT)
    with pytest.raises(QuotaExceeded, match="60 bytes of artifacts and datasets are stored; allowed: less than 60"):
        datasets.add("6" * 64, 1, ABOUT)
    # What is there already takes no room.
    assert datasets.add(DIGEST, 60, ABOUT) == (first, False)
    datasets.remove(first.id)
    assert datasets.add("6" * 64, 1, ABOUT)[1]
    datasets.close()


def test_a_dataset_may_fill_the_store_and_not_more(store: JobStore, settings: Settings) -> None:
    datasets = UploadStore(settings.database_url, "dataset", max_stored_bytes=60).seen_by(ANN)
    datasets.add(DIGEST, 40, ABOUT)
    said = "40 bytes of artifacts and datasets are stored, got 21 more; allowed: at most 60 together"
    for ask in (lambda: datasets.check_room(21), lambda: datasets.add("6" * 64, 21, ABOUT)):
        with pytest.raises(QuotaExceeded, match=said):
            ask()
    datasets.check_room(20)
    # The same bytes take no room; before they are there, it is told by their number alone.
    datasets.check_room(40)
    datasets.check_room(40, DIGEST)
    with pytest.raises(QuotaExceeded, match="got 40 more"):
        datasets.check_room(40, "6" * 64)
    with pytest.raises(QuotaExceeded, match="got 40 more"):
        datasets.seen_by(BOB).check_room(40)
    UploadStore(settings.database_url, "dataset").check_room(1 << 40)
    assert datasets.add("6" * 64, 20, ABOUT)[1]
    with pytest.raises(QuotaExceeded, match="allowed: less than 60"):
        datasets.check_room(0)
    datasets.close()


@pytest.fixture
def models(store: JobStore, settings: Settings) -> Iterator[UploadStore]:
    """Uploads of another kind, in the same database."""
    opened = UploadStore(settings.database_url, "model", max_stored_bytes=60)
    yield opened
    opened.close()


def test_kinds_do_not_see_each_other(datasets: UploadStore, models: UploadStore, store: JobStore) -> None:
    dataset, _ = datasets.add(DIGEST, 5, ABOUT)
    model, new = models.add(DIGEST, 5, {"layers": 2})
    assert new
    assert (dataset.kind, model.kind, model.description) == ("dataset", "model", {"layers": 2})
    assert (datasets.list().uploads, models.list().uploads) == ((dataset,), (model,))
    with pytest.raises(
        UploadNotFound, match=r"got the model id .*; allowed: .* as `mho model list` shows them"
    ) as absent:
        models.get(dataset.id)
    assert absent.value.reason == "MODEL_NOT_FOUND"
    with pytest.raises(UploadNotFound):
        store.create({}, uploads=[UploadReference("model", dataset.id)])
    job = store.create({}, uploads=[UploadReference("model", model.id)])
    with pytest.raises(UploadInUse, match=f"model {model.id} is what job {job.id} uses; allowed") as needed:
        models.remove(model.id)
    assert needed.value.reason == "MODEL_IN_USE"
    datasets.remove(dataset.id)
    assert models.get(model.id) == model


def test_kinds_share_one_quota(datasets: UploadStore, models: UploadStore, store: JobStore) -> None:
    datasets.add(DIGEST, 50, ABOUT)
    models.check_room(10)
    with pytest.raises(QuotaExceeded, match="50 bytes of artifacts and datasets are stored, got 11 more"):
        models.check_room(11)
    # A model is told by nothing of a dataset with the same bytes: it takes room.
    with pytest.raises(QuotaExceeded, match="got 50 more"):
        models.check_room(50, DIGEST)
    models.add("6" * 64, 10, ABOUT)
    with pytest.raises(QuotaExceeded, match="allowed: less than 60"):
        models.check_room(0)
    # They lie in the store once, whatever they are.
    datasets.add("6" * 64, 10, ABOUT)
    assert store.stored_bytes() == 60


@pytest.mark.parametrize("error", [UploadNotFound("dataset", "x"), UploadInUse("dataset", "x", "y", "is trained on")])
def test_errors_of_uploads_pass_between_processes(error: UploadNotFound | UploadInUse) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.reason) == (type(error), str(error), error.reason)
