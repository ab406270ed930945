"""Blobs as they are read: in pieces, or whole and compared with their name."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Hashable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import obstore

from worker.contract.blobs.blob import PREFIX, StoredBlob, blob_key, sha256_of_key
from worker.contract.blobs.blob_check import verified
from worker.contract.blobs.blob_reader import BlobReader
from worker.contract.blobs.object_store import ObjectStore
from worker.contract.errors import BlobLost

if TYPE_CHECKING:
    # They exist for type checkers alone.
    from obstore import BytesStream, ObjectMeta

CHUNK_BYTES = 1 << 20
"""Bytes of a blob that are in memory at a time."""

AGAIN_SECONDS = 60.0
"""Seconds for which a blob that was found intact is read again without being hashed."""


class ReadableBlobs(ObjectStore):
    """The blobs of a store, for whoever reads them."""

    def read(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """A blob's bytes from `start` up to, not including, `end`, in chunks; unverified, see `read_intact`.

        Raises:
            BlobLost: there is no such blob (at once, not with the first chunk).
        """
        key = blob_key(sha256)
        if end is not None and end <= start:
            return iter(())
        options: dict[str, object] = {}
        if start or end is not None:
            options["range"] = {"offset": start} if end is None else (start, end)
        with self._guarded("be read", sha256):
            result = obstore.get(self._store(), key, options=options)  # type: ignore[arg-type]
            return self._chunks(result.stream(min_chunk_size=CHUNK_BYTES), sha256)

    def read_intact(self, sha256: str, *, name: str = "", size: int | None = None) -> Iterator[bytes]:
        """All bytes of a blob, in chunks; the last one comes only if all are what its name says.

        Args:
            sha256: the blob.
            name: what it is to the caller, for the log; empty where he says it by himself.
            size: its length in bytes, where the caller knows it: of a longer one no more is read.

        Raises:
            BlobLost: there is no such blob, or its bytes are others; it is counted and logged once (`check`).
        """
        identity: Hashable = None
        try:
            identity, chunks = self._all(sha256)
            yield from verified(chunks, sha256, self.url, size)
        except BlobLost as error:
            self.check.found_lost(sha256, identity, error, name)
            raise
        with suppress(BlobLost):
            # What was touched while it was read may be another file by now; a bucket sends one state to the end.
            if self.folder is None or self._identity(sha256) == identity:
                self.check.found_intact(sha256, identity)

    def read_again(self, sha256: str, *, name: str = "", size: int | None = None) -> Iterator[bytes]:
        """The bytes of a blob that was found intact a moment ago, without hashing them again if nobody touched it.

        Args, Raises:
            as `read_intact`; the last chunk comes only if nobody has written to the file meanwhile.
        """
        path = self.local_path(sha256)
        if path is None:
            yield from self.read_intact(sha256, name=name, size=size)
            return
        with self._guarded("be read", sha256), path.open("rb") as file:
            before = os.fstat(file.fileno())
            if not self.check.is_intact(sha256, _touched(before), AGAIN_SECONDS):
                yield from self.read_intact(sha256, name=name, size=size)
                return
            held = b""
            while chunk := file.read(CHUNK_BYTES):
                if held:
                    yield held
                held = chunk
            after = os.fstat(file.fileno())
        # Not its other times: whoever puts the same blob again gives the name to another file.
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            self.require_intact(sha256, name=name, size=size)
            raise BlobLost(f"the blob {sha256} in {self.url} was written to while it was read; read it again")
        if held:
            yield held

    def require_intact(self, sha256: str, within: float = 0.0, *, name: str = "", size: int | None = None) -> None:
        """Make sure that a blob is there and its bytes are what its name says.

        Args:
            sha256: the blob.
            within: s; where it was found intact no longer ago and nobody has touched it since, that counts. 0: its
                bytes are read.
            name, size: as for `read_intact`.

        Raises:
            BlobLost: as `read_intact`.
        """
        try:
            known = within > 0 and self.check.is_intact(sha256, self._identity(sha256), within)
        except BlobLost:
            known = False
        if not known:
            for _ in self.read_intact(sha256, name=name, size=size):
                pass

    def fetch(self, sha256: str, target: Path) -> None:
        """Copy a blob into a file that appears whole, with its digest verified, or not at all.

        Raises:
            BlobLost: there is no such blob, or its bytes are not what its name says.
            BlobStoreUnavailable: the store does not answer, or the target cannot be written.
        """
        chunks = self.read_intact(sha256)
        with self._guarded(f"be copied to {target}"):
            # tempfile would give it to this user alone, whatever the umask.
            aside = target.with_name(f".{target.name}-{secrets.token_hex(8)}")
            try:
                with aside.open("xb") as file:
                    for chunk in chunks:
                        file.write(chunk)
                os.replace(aside, target)
            finally:
                aside.unlink(missing_ok=True)

    def size(self, sha256: str) -> int:
        """A blob's length in bytes.

        Raises:
            BlobLost: there is no such blob.
        """
        key = blob_key(sha256)
        with self._guarded("be read", sha256):
            return int(obstore.head(self._store(), key)["size"])

    def exists(self, sha256: str) -> bool:
        """Tell whether there is such a blob."""
        blob_key(sha256)
        try:
            self.size(sha256)
        except BlobLost:
            return False
        return True

    def local_path(self, sha256: str) -> Path | None:
        """The file of a blob, to be read and never written; None where the store is a bucket.

        Raises:
            BlobLost: there is no such blob.
        """
        key = blob_key(sha256)
        if self.folder is None:
            return None
        path = self.folder / key
        if path.is_symlink() or not path.is_file():
            raise self._lost(sha256)
        return path

    def open(self, sha256: str) -> IO[bytes]:
        """A blob as a file that can be read and sought in; from a bucket, `CHUNK_BYTES` at a time.

        Raises:
            BlobLost: there is no such blob.
        """
        path = self.local_path(sha256)
        if path is None:
            return io.BufferedReader(BlobReader(self.read, sha256, self.size(sha256)), CHUNK_BYTES)
        with self._guarded("be read", sha256):
            return path.open("rb")

    def list(self) -> Iterator[StoredBlob]:
        """Every blob, in no order; what else lies in the store is passed over."""
        with self._guarded("be listed"):
            if self.folder is not None and not self.folder.is_dir():
                return
            for page in obstore.list(self._store(), PREFIX):
                for entry in page:
                    sha256 = sha256_of_key(entry["path"])
                    if sha256 is not None:
                        yield StoredBlob(sha256, entry["size"], entry["last_modified"])

    def _all(self, sha256: str) -> tuple[Hashable, Iterator[bytes]]:
        """The identity of a blob and all its bytes, unverified; from a folder without the detour over obstore.

        Raises:
            BlobLost: there is no such blob.
        """
        path = self.local_path(sha256)
        with self._guarded("be read", sha256):
            if path is not None:
                return _touched(path.stat()), self._file_chunks(path, sha256)
            result = obstore.get(self._store(), blob_key(sha256))
            return _state(result.meta), self._chunks(result.stream(min_chunk_size=CHUNK_BYTES), sha256)

    def _file_chunks(self, path: Path, sha256: str) -> Iterator[bytes]:
        with self._guarded("be read", sha256), path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def _identity(self, sha256: str) -> Hashable:
        """Identity of a blob: it changes when somebody touches it.

        Raises:
            BlobLost: there is no such blob.
        """
        path = self.local_path(sha256)
        with self._guarded("be read", sha256):
            if path is None:
                return _state(obstore.head(self._store(), blob_key(sha256)))
            return _touched(path.stat())

    def _chunks(self, stream: BytesStream, sha256: str) -> Iterator[bytes]:
        with self._guarded("be read", sha256):
            for chunk in stream:
                yield bytes(chunk)


def _state(meta: ObjectMeta) -> Hashable:
    """Identity of an object of a bucket: it changes when somebody puts it again."""
    return meta["size"], meta["e_tag"], meta["last_modified"]


def _touched(stat: os.stat_result) -> Hashable:
    """Identity of a file: it changes when somebody touches it."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
