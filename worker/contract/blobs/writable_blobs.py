"""Blobs as they come and go: put whole or not at all, and removed by age without taking what is put meanwhile."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import obstore

from worker.contract.blobs.blob import PREFIX, Blob, blob_key
from worker.contract.blobs.object_store import PROBES, ObjectStore
from worker.contract.errors import BlobStoreUnavailable

REMOVALS = "removing"
"""Prefix of notes of blobs that are about to be removed, `<sha256>-<random>`."""

REMOVAL_SECONDS = 30.0
"""Time that a remover has, and that a put waits for one, s; every store of a service has the same."""

DEAD = timedelta(minutes=10)
"""A note that is so much older than a put, by the store's own clock, is one of a process that died."""


class WritableBlobs(ObjectStore):
    """The blobs of a store, for whoever puts or removes them.

    Attributes:
        removal_seconds: time that a remover has from its note to its deletion, and that a put waits for removers, s.
    """

    removal_seconds: float = REMOVAL_SECONDS

    def put_file(self, path: Path) -> Blob:
        """Keep a file's bytes; the file must not change meanwhile.

        Raises:
            BlobStoreUnavailable: it cannot be kept, or the file cannot be read or is a symbolic link.
        """
        with self._guarded("take in a file"):
            # A link could point anywhere, and would be served.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as file:
                blob = Blob(hashlib.file_digest(file, "sha256").hexdigest(), file.tell())
                self._put(blob, file)
        return blob

    def put_bytes(self, data: bytes) -> Blob:
        """Keep the bytes."""
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        with self._guarded("be written"):
            self._put(blob, data)
        return blob

    def delete(self, sha256: str) -> None:
        """Remove a blob, whoever refers to it; one that is not there is no error."""
        key = blob_key(sha256)
        with self._guarded("be changed"), suppress(FileNotFoundError):
            obstore.delete(self._store(), key)

    def delete_if_older(self, sha256: str, age: timedelta) -> bool:
        """Remove a blob that was put no later than `age` ago, by the store's own clock.

        A blob that is put at the same time stays, or is put again by whoever puts it: the remover first leaves a note
        and then looks at the age, the other one first puts, then looks for notes and last whether the blob is still
        there, so one of them sees the other.

        Returns:
            Whether it was removed.
        """
        key, note = blob_key(sha256), f"{REMOVALS}/{sha256}-{secrets.token_hex(8)}"
        with self._guarded("be changed"):
            try:
                store = self._store()
            except FileNotFoundError:
                return False
            deadline = time.monotonic() + self.removal_seconds
            obstore.put(store, note, b"")
            try:
                moment = obstore.head(store, note)["last_modified"]
                if moment - obstore.head(store, key)["last_modified"] < age or time.monotonic() > deadline:
                    return False
                obstore.delete(store, key)
                return True
            except FileNotFoundError:
                return False
            finally:
                obstore.delete(store, note)

    def remove_leftovers(self, age: timedelta) -> None:
        """Remove what processes have left behind that died more than `age` ago: half-written files, notes, probes.

        Unfinished uploads to a bucket are seen by nobody but the bucket: give it a lifecycle rule that aborts them.
        """
        with self._guarded("be changed"):
            if self.folder is not None and not self.folder.is_dir():
                return
            before = datetime.now(UTC) - age
            for prefix in (REMOVALS, PROBES):
                for page in obstore.list(self._store(), prefix):
                    for entry in page:
                        if entry["last_modified"] < before:
                            obstore.delete(self._store(), entry["path"])
            # obstore writes beside a file's place, under its name with # and a number, and lists no such names.
            for path in (self.folder / PREFIX).rglob("*#*") if self.folder is not None else ():
                if path.stat().st_mtime < before.timestamp():
                    path.unlink(missing_ok=True)

    def _put(self, blob: Blob, content: bytes | IO[bytes]) -> None:
        deadline = time.monotonic() + self.removal_seconds
        while True:
            if not isinstance(content, bytes):
                content.seek(0)
            # Over an older copy as well: that makes it young, and heals one that was damaged.
            obstore.put(self._store(making=True), blob_key(blob.sha256), content)
            if self._stays(blob.sha256):
                return
            if time.monotonic() > deadline:
                raise BlobStoreUnavailable(
                    f"the artifact store {self.url} cannot keep the blob {blob.sha256}: "
                    f"for {self.removal_seconds:.0f} s somebody has been removing it; "
                    f"try again in {DEAD.total_seconds() / 60:.0f} minutes"
                )
            time.sleep(0.01)

    def _stays(self, sha256: str) -> bool:
        """Tell whether a blob that was just put is on the disk and no remover took it for an old one, or still may."""
        key = blob_key(sha256)
        try:
            if self.folder is not None:
                _flush(self.folder / key)
            notes = [
                entry["last_modified"]
                for page in obstore.list(self._store(), REMOVALS)
                for entry in page
                if entry["path"].startswith(f"{REMOVALS}/{sha256}-")
            ]
            # After the notes: a remover takes its own away when the blob is gone, and then only this tells.
            put_at = obstore.head(self._store(), key)["last_modified"]
        except FileNotFoundError:
            return False
        return all(put_at - note > DEAD for note in notes)


def _flush(path: Path) -> None:
    """Write a file and its entry in its folders through to the disk: a rename can be lost with the power otherwise."""
    for each, flags in ((path, os.O_RDONLY), (path.parent, os.O_DIRECTORY), (path.parent.parent, os.O_DIRECTORY)):
        descriptor = os.open(each, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
