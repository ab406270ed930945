"""Rows that say which uploads a job uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from worker.contract import Database, IdempotencyKey, JobState, JobStore, UploadNotFound, UploadReference, UploadStore
from worker.contract.database.tables import JOB_REFERENCES
from worker.contract.uploads.job_references import unfinished_job_with

pytestmark = pytest.mark.each_database

ABOUT = {"height": 4, "width": 4, "classes": 3, "warnings": []}


@pytest.fixture
def database(store: JobStore, database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def first(database: Database) -> UploadReference:
    return UploadReference("dataset", UploadStore(database, "dataset").add("5" * 64, 5, ABOUT)[0].id)


@pytest.fixture
def second(database: Database) -> UploadReference:
    return UploadReference("dataset", UploadStore(database, "dataset").add("6" * 64, 5, ABOUT)[0].id)


def rows(database: Database) -> set[tuple[str, str, str]]:
    with database.read() as connection:
        return {(row.job_id, row.kind, row.upload_id) for row in connection.execute(select(JOB_REFERENCES))}


def test_a_job_is_written_with_its_uploads_and_goes_with_them(
    store: JobStore, database: Database, first: UploadReference, second: UploadReference
) -> None:
    # Whatever order they are named in, and however often.
    job = store.create({}, uploads=[second, first, second])
    store.create({})
    assert rows(database) == {(job.id, "dataset", first.id), (job.id, "dataset", second.id)}
    store.request_cancel(job.id)
    assert rows(database)
    store.delete(job.id)
    assert rows(database) == set()


def test_the_document_is_not_asked(store: JobStore, database: Database, first: UploadReference) -> None:
    store.create({"dataset": {"type": "uploaded", "id": first.id}})
    assert rows(database) == set()


def test_a_job_on_an_upload_that_is_not_there_is_not_created(
    store: JobStore, database: Database, first: UploadReference
) -> None:
    key = IdempotencyKey("k", "a" * 64)
    gone = UploadReference("dataset", "01900000-0000-7000-8000-000000000000")
    with pytest.raises(UploadNotFound, match=gone.id):
        store.create({}, uploads=[first, gone])
    with pytest.raises(UploadNotFound, match=gone.id):
        store.create_once(key, {}, uploads=[gone])
    assert store.list().jobs == ()
    assert rows(database) == set()
    job, new = store.create_once(key, {}, uploads=[first])
    assert (new, rows(database)) == (True, {(job.id, "dataset", first.id)})


def test_the_oldest_unfinished_job_is_named(
    store: JobStore, database: Database, first: UploadReference, second: UploadReference
) -> None:
    older, newer = (store.create({}, uploads=[first]).id for _ in range(2))
    found = []
    for job_id in (None, older, newer):
        if job_id is not None:
            assert store.request_cancel(job_id).state is JobState.CANCELLED
        with database.read() as connection:
            found.append(unfinished_job_with(connection, first))
            assert unfinished_job_with(connection, second) is None
    assert found == [older, newer, None]
