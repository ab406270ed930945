"""Rows of the dataset table read back as datasets."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from worker.contract.access.caller import Caller
from worker.contract.database.tables import DATASETS
from worker.contract.errors import DatasetNotFound
from worker.contract.jobs.job_id import is_job_id
from worker.contract.uploads.dataset import StoredDataset


def dataset_of(row: Row[Any]) -> StoredDataset:
    """The dataset that a full row of the table describes."""
    return StoredDataset(row.id, row.name, row.sha256, row.size, row.description, row.created_at)


def seen_datasets(caller: Caller) -> tuple[ColumnElement[bool], ...]:
    """The conditions that leave only those datasets that the caller may see."""
    return () if caller.sees_all else (DATASETS.c.owner == caller.owner,)


def fetch_dataset(connection: Connection, dataset_id: str, caller: Caller, *, lock: bool = False) -> StoredDataset:
    """One dataset that the caller may see; another's is not there.

    Args:
        connection: a transaction.
        dataset_id: whatever a client calls one.
        caller: who asks.
        lock: nobody may remove it until the transaction ends (on SQLite a writing one sees to that anyway).

    Raises:
        DatasetNotFound: there is none.
    """
    row = None
    if is_job_id(dataset_id):
        statement = select(DATASETS).where(DATASETS.c.id == dataset_id, *seen_datasets(caller))
        row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise DatasetNotFound(
            f"got the dataset id {dataset_id[:80]!a}; allowed: the id of a dataset that exists, as "
            "`mho dataset list` shows them"
        )
    return dataset_of(row)
