"""The uploaded files: which there are, whose they are, and that none goes while a job needs it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from worker.contract.access.caller import EVERYBODY, Caller
from worker.contract.database.database import Database, now
from worker.contract.database.tables import UPLOADS
from worker.contract.errors import UploadInUse
from worker.contract.ids import new_id
from worker.contract.paging import check_page
from worker.contract.uploads.job_references import unfinished_job_with
from worker.contract.uploads.stored_bytes import check_stored_bytes
from worker.contract.uploads.upload import StoredUpload, UploadPage
from worker.contract.uploads.upload_reference import UploadReference
from worker.contract.uploads.upload_rows import fetch_upload, seen_uploads, upload_of


class UploadStore:
    """The uploads of one kind, in the table of all. The bytes are in the blob store, put there before the row.

    Every method is one transaction.

    Args:
        database: as `Settings.database_url`, or a database whose connections are shared with other stores.
        kind: of the uploads, "dataset".
        use: what a job does with one, in the words of `UploadInUse`: the job "is trained on" it.
        max_stored_bytes: bytes of artifacts and uploads of every kind that none may go beyond, None for no limit.

    Raises:
        StoreUnavailable: (every method) the database does not answer.
    """

    def __init__(
        self, database: str | Database, kind: str, *, use: str = "uses", max_stored_bytes: int | None = None
    ) -> None:
        self.kind = kind
        self._database = Database.of(database)
        self._use = use
        self._max_stored_bytes = max_stored_bytes
        self._caller = EVERYBODY

    def seen_by(self, caller: Caller) -> Self:
        """Narrow the store to what the caller may see: no files of others, and what is added is the caller's."""
        narrowed = copy.copy(self)
        narrowed._caller = caller
        return narrowed

    def close(self) -> None:
        """Close the connections, also those of stores that share them; they may be used again and open new ones."""
        self._database.close()

    def add(self, sha256: str, size: int, description: Mapping[str, Any], name: str = "") -> tuple[StoredUpload, bool]:
        """Keep an upload whose blob is there; the same bytes of the same owner are one upload of the kind.

        Args:
            sha256: of its bytes.
            size: bytes.
            description: what is in it, JSON-ready.
            name: at most 200 characters; the first one stays.

        Returns:
            The upload, and whether it is new.

        Raises:
            QuotaExceeded: too many bytes are stored.
        """
        try:
            return self._add(sha256, size, description, name)
        except IntegrityError:
            # The same bytes came twice at once, and the other one was first.
            return self._add(sha256, size, description, name)

    def check_room(self, size: int, sha256: str | None = None) -> None:
        """Make sure that an upload may come, before its bytes are put anywhere; `add` looks once more.

        What is there already takes no room. Until the digest is known, one of the owner with as many bytes may be it.

        Args:
            size: bytes.
            sha256: of its bytes; None: they have not come yet.

        Raises:
            QuotaExceeded: too many bytes are stored, or would be.
        """
        if self._max_stored_bytes is None:
            return
        known = UPLOADS.c.size == size if sha256 is None else UPLOADS.c.sha256 == sha256
        same = select(UPLOADS.c.id).where(UPLOADS.c.kind == self.kind, UPLOADS.c.owner == self._caller.owner, known)
        with self._database.read() as connection:
            if connection.execute(same.limit(1)).first() is None:
                check_stored_bytes(connection, self._max_stored_bytes, size)

    def get(self, upload_id: str) -> StoredUpload:
        """One upload.

        Raises:
            UploadNotFound: no upload of the kind has this id.
        """
        with self._database.read() as connection:
            return fetch_upload(connection, UploadReference(self.kind, upload_id), self._caller)

    def list(self, limit: int = 50, cursor: str | None = None) -> UploadPage:
        """Uploads, newest first.

        Args:
            limit: at most so many, 1 to 1000.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidInput: limit or cursor is none.
        """
        check_page(limit, cursor)
        mine = seen_uploads(self.kind, self._caller)
        statement = select(UPLOADS).where(*mine).order_by(UPLOADS.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(UPLOADS.c.id < cursor)
        with self._database.read() as connection:
            found = tuple(upload_of(row) for row in connection.execute(statement))
        return UploadPage(found[:limit], found[limit - 1].id if len(found) > limit else None)

    def remove(self, upload_id: str) -> None:
        """Remove an upload that no queued or running job uses; jobs that have finished keep what they made.

        Raises:
            UploadNotFound: no upload of the kind has this id.
            UploadInUse: a job needs it.
        """
        reference = UploadReference(self.kind, upload_id)
        with self._database.write() as connection:
            fetch_upload(connection, reference, self._caller, lock=True)
            job_id = unfinished_job_with(connection, reference)
            if job_id is not None:
                raise UploadInUse(self.kind, upload_id, job_id, self._use)
            connection.execute(delete(UPLOADS).where(UPLOADS.c.id == upload_id))

    def _add(self, sha256: str, size: int, description: Mapping[str, Any], name: str) -> tuple[StoredUpload, bool]:
        owner = self._caller.owner
        same = select(UPLOADS).where(UPLOADS.c.kind == self.kind, UPLOADS.c.owner == owner, UPLOADS.c.sha256 == sha256)
        with self._database.write() as connection:
            row = connection.execute(same).one_or_none()
            if row is not None:
                return upload_of(row), False
            check_stored_bytes(connection, self._max_stored_bytes, size)
            values = {
                "id": new_id(),
                "kind": self.kind,
                "owner": owner,
                "name": name,
                "sha256": sha256,
                "size": size,
                "description": dict(description),
                "created_at": now(connection),
            }
            connection.execute(insert(UPLOADS).values(**values))
            return upload_of(connection.execute(same).one()), True
