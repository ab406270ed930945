"""Rows of the table of uploads read back as uploads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from worker.contract.access.caller import Caller
from worker.contract.database.tables import UPLOADS
from worker.contract.errors import UploadNotFound
from worker.contract.ids import is_id
from worker.contract.uploads.upload import StoredUpload
from worker.contract.uploads.upload_reference import UploadReference


def upload_of(row: Row[Any]) -> StoredUpload:
    """The upload that a full row of the table describes."""
    return StoredUpload(row.id, row.kind, row.name, row.sha256, row.size, row.description, row.created_at)


def seen_uploads(kind: str, caller: Caller) -> tuple[ColumnElement[bool], ...]:
    """The conditions that leave only those uploads of a kind that the caller may see."""
    of_kind = UPLOADS.c.kind == kind
    return (of_kind,) if caller.sees_all else (of_kind, UPLOADS.c.owner == caller.owner)


def fetch_upload(
    connection: Connection, reference: UploadReference, caller: Caller, *, lock: bool = False
) -> StoredUpload:
    """One upload that the caller may see; another's is not there.

    Args:
        connection: a transaction.
        reference: its kind, and whatever a client calls an id.
        caller: who asks.
        lock: nobody may remove it until the transaction ends (on SQLite a writing one sees to that anyway).

    Raises:
        UploadNotFound: there is none.
    """
    row = None
    if is_id(reference.id):
        statement = select(UPLOADS).where(UPLOADS.c.id == reference.id, *seen_uploads(reference.kind, caller))
        row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise UploadNotFound(reference.kind, reference.id)
    return upload_of(row)
