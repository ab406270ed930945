"""The uploaded datasets: which there are, whose they are, and that none goes while a job needs it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from worker.contract.access.caller import EVERYBODY, Caller
from worker.contract.database.database import Database, now
from worker.contract.database.tables import DATASETS
from worker.contract.errors import DatasetInUse
from worker.contract.jobs.job_id import new_job_id
from worker.contract.jobs.paging import check_page
from worker.contract.jobs.references import check_stored_bytes
from worker.contract.uploads.dataset import DatasetPage, StoredDataset
from worker.contract.uploads.dataset_rows import dataset_of, fetch_dataset, seen_datasets
from worker.contract.uploads.job_references import unfinished_job_with
from worker.contract.uploads.upload_reference import UploadReference


class DatasetStore:
    """The dataset table. Every method is one transaction; the bytes are in the blob store, put there before the row.

    Args:
        database: as `Settings.database_url`, or a database whose connections are shared with other stores.
        max_stored_bytes: bytes of artifacts and datasets that none may go beyond, None for no limit.

    Raises:
        StoreUnavailable: (every method) the database does not answer.
    """

    def __init__(self, database: str | Database, *, max_stored_bytes: int | None = None) -> None:
        self._database = Database.of(database)
        self._max_stored_bytes = max_stored_bytes
        self._caller = EVERYBODY

    def seen_by(self, caller: Caller) -> DatasetStore:
        """This store as the caller may see it: without the data of others, and whatever is added is the caller's."""
        narrowed = copy.copy(self)
        narrowed._caller = caller
        return narrowed

    def close(self) -> None:
        """Close the connections, also those of stores that share them; they may be used again and open new ones."""
        self._database.close()

    def add(self, sha256: str, size: int, description: Mapping[str, Any], name: str = "") -> tuple[StoredDataset, bool]:
        """Keep a dataset whose blob is there; the same bytes of the same owner are one dataset.

        Args:
            sha256: of its bytes.
            size: bytes.
            description: what is in it, JSON-ready.
            name: at most 200 characters; the first one stays.

        Returns:
            The dataset, and whether it is new.

        Raises:
            QuotaExceeded: too many bytes are stored.
        """
        try:
            return self._add(sha256, size, description, name)
        except IntegrityError:
            # The same bytes came twice at once, and the other one was first.
            return self._add(sha256, size, description, name)

    def check_room(self, size: int, sha256: str | None = None) -> None:
        """Make sure that a dataset may come, before its bytes are put anywhere; `add` looks once more.

        What is there already takes no room. Until the digest is known, one of the owner with as many bytes may be it.

        Args:
            size: bytes.
            sha256: of its bytes; None: they have not come yet.

        Raises:
            QuotaExceeded: too many bytes are stored, or would be.
        """
        if self._max_stored_bytes is None:
            return
        known = DATASETS.c.size == size if sha256 is None else DATASETS.c.sha256 == sha256
        same = select(DATASETS.c.id).where(DATASETS.c.owner == self._caller.owner, known)
        with self._database.read() as connection:
            if connection.execute(same.limit(1)).first() is None:
                check_stored_bytes(connection, self._max_stored_bytes, size)

    def get(self, dataset_id: str) -> StoredDataset:
        """One dataset.

        Raises:
            DatasetNotFound: no dataset has this id.
        """
        with self._database.read() as connection:
            return fetch_dataset(connection, dataset_id, self._caller)

    def list(self, limit: int = 50, cursor: str | None = None) -> DatasetPage:
        """Datasets, newest first.

        Args:
            limit: at most so many, 1 to 1000.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidInput: limit or cursor is none.
        """
        check_page(limit, cursor)
        statement = select(DATASETS).where(*seen_datasets(self._caller)).order_by(DATASETS.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(DATASETS.c.id < cursor)
        with self._database.read() as connection:
            found = tuple(dataset_of(row) for row in connection.execute(statement))
        return DatasetPage(found[:limit], found[limit - 1].id if len(found) > limit else None)

    def remove(self, dataset_id: str) -> None:
        """Remove a dataset that no queued or running job is trained on; jobs that have finished keep what they made.

        Raises:
            DatasetNotFound: no dataset has this id.
            DatasetInUse: a job needs it.
        """
        with self._database.write() as connection:
            found = fetch_dataset(connection, dataset_id, self._caller, lock=True)
            job_id = unfinished_job_with(connection, UploadReference("dataset", found.id))
            if job_id is not None:
                raise DatasetInUse(
                    f"dataset {found.id} is what job {job_id} is trained on; allowed: to remove it when no queued or "
                    "running job names it: wait, or cancel the job"
                )
            connection.execute(delete(DATASETS).where(DATASETS.c.id == found.id))

    def _add(self, sha256: str, size: int, description: Mapping[str, Any], name: str) -> tuple[StoredDataset, bool]:
        owner = self._caller.owner
        same = select(DATASETS).where(DATASETS.c.owner == owner, DATASETS.c.sha256 == sha256)
        with self._database.write() as connection:
            row = connection.execute(same).one_or_none()
            if row is not None:
                return dataset_of(row), False
            check_stored_bytes(connection, self._max_stored_bytes, size)
            values = {
                "id": new_job_id(),
                "owner": owner,
                "name": name,
                "sha256": sha256,
                "size": size,
                "description": dict(description),
                "created_at": now(connection),
            }
            connection.execute(insert(DATASETS).values(**values))
            return dataset_of(connection.execute(same).one()), True
