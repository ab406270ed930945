"""Where bytes are kept under their SHA-256: a folder or an S3 bucket, with the same promises on both.

A blob appears whole or not at all; putting it again is no error and makes it young again. What nobody refers to is
removed by age (`worker.contract.blobs.garbage`), which is why the age counts.

Long because it is the one door to the bytes: what is put, read, verified and removed keep their promises together.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from worker.contract.blobs.blob import PREFIX, Blob, StoredBlob, blob_key, sha256_of_key
from worker.contract.blobs.blob_check import BlobCheck, verified
from worker.contract.blobs.blob_reader import BlobReader
from worker.contract.blobs.blob_url import check_blob_url, folder_of
from worker.contract.blobs.bucket import bucket_at
from worker.contract.errors import BlobLost, BlobStoreUnavailable

if TYPE_CHECKING:
    # They exist for type checkers alone.
    from obstore import BytesStream, ObjectMeta

CHUNK_BYTES = 1 << 20
"""How much of a blob is in memory at a time."""

REMOVALS = "removing"
"""Notes of blobs that are about to be removed lie under it, `<sha256>-<random>`."""

PROBES = "probe"
"""What was written only to see whether that works lies under it."""

REMOVAL_SECONDS = 30.0
"""How long a remover has from its note to its deletion, and a put waits for removers, s."""

AGAIN_SECONDS = 60.0
"""How long ago a blob may have been found intact that is read again, s."""

DEAD = timedelta(minutes=10)
"""A note that is so much older than a put, by the store's own clock, is one of a process that died."""

_USED_IN: set[int] = set()
"""The process that has used obstore, if one has."""


class BlobStore:
    """Blobs in a folder or a bucket; safe to use from any number of threads and processes at once.

    Make it after a process was forked, not before: obstore's threads do not survive that.

    Args:
        url: `file:///ABSOLUTE/FOLDER`, made when it is first written, or `s3://BUCKET/PREFIX`, with region, credentials
            and endpoint in the environment's `AWS_*` variables.

    Raises:
        BlobStoreUnavailable: (every method) the URL cannot be used, the disk is full or read-only, the bucket does not
            answer; the message says what to do.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = check_blob_url(url)
        except ValueError as error:
            raise BlobStoreUnavailable(str(error)) from error
        self.folder = folder_of(url)
        self.check = BlobCheck()
        self._opened: LocalStore | S3Store | None = None

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
        """Whether there is such a blob."""
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
            deadline = time.monotonic() + REMOVAL_SECONDS
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

    def prepare(self) -> None:
        """Make the folder, where the store is one."""
        if self.folder is not None:
            with self._guarded("be made"):
                self.folder.mkdir(parents=True, exist_ok=True)

    def check_writable(self) -> None:
        """Write a small object and remove it.

        Raises:
            BlobStoreUnavailable: that does not work, or the folder is gone.
        """
        with self._guarded("be written"):
            if self.folder is not None and not self.folder.is_dir():
                raise NotADirectoryError(f"{self.folder} is not a folder")
            probe = f"{PROBES}/{secrets.token_hex(8)}"
            obstore.put(self._store(), probe, b"probe")
            obstore.delete(self._store(), probe)

    def _put(self, blob: Blob, content: bytes | IO[bytes]) -> None:
        deadline = time.monotonic() + REMOVAL_SECONDS
        while True:
            if not isinstance(content, bytes):
                content.seek(0)
            # Over an older copy as well: that makes it young, and heals one that was damaged.
            obstore.put(self._store(making=True), blob_key(blob.sha256), content)
            if self._stays(blob.sha256):
                return
            if time.monotonic() > deadline:
                raise BlobStoreUnavailable(
                    f"the artifact store {self.url} cannot keep the blob {blob.sha256}: for {REMOVAL_SECONDS:.0f} s "
                    f"somebody has been removing it; try again in {DEAD.total_seconds() / 60:.0f} minutes"
                )
            time.sleep(0.01)

    def _stays(self, sha256: str) -> bool:
        """Whether a blob that was just put is on the disk and no remover took it for an old one, or still may."""
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
        """What changes when somebody touches a blob.

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

    def _store(self, *, making: bool = False) -> LocalStore | S3Store:
        if _USED_IN and os.getpid() not in _USED_IN:
            # It would wait for ever for threads that only the parent has.
            raise RuntimeError("the artifact store was used before this process was forked; use it afterwards only")
        _USED_IN.add(os.getpid())
        if self._opened is None:
            if self.folder is not None and not making and not self.folder.is_dir():
                # LocalStore opens only what is there.
                raise FileNotFoundError(f"{self.folder} is not there")
            if self.folder is None:
                self._opened = bucket_at(self.url)
            else:
                self._opened = LocalStore(self.folder, mkdir=True)
        return self._opened

    @contextmanager
    def _guarded(self, what: str, sha256: str | None = None) -> Iterator[None]:
        """Errors of obstore and the system in words that help.

        Where a blob is named, it is lost if it is missing, or if the disk is broken where it lies.
        """
        try:
            yield
        except (BaseError, OSError) as error:
            words = str(error).partition("\n\nDebug source")[0]
            if isinstance(error, FileNotFoundError) and sha256 is not None and "NoSuchBucket" not in str(error):
                raise self._lost(sha256) from error
            if isinstance(error, OSError) and error.errno == errno.EIO and sha256 is not None:
                raise BlobLost(
                    f"the blob {sha256} in {self.url} is damaged: its disk cannot read it; restore it from a copy, or "
                    "run the job again"
                ) from error
            raise BlobStoreUnavailable(
                f"the artifact store {self.url} cannot {what}: {words}; {self._advice()}"
            ) from error

    def _lost(self, sha256: str) -> BlobLost:
        return BlobLost(f"the blob {sha256} is gone from {self.url}: restore it from a copy, or run the job again")

    def _advice(self) -> str:
        if self.folder is not None:
            return "see the folder's rights and the space on its disk (MHO_ARTIFACTS_URL)"
        return "see the network, the bucket and its rights (MHO_ARTIFACTS_URL and the AWS_* variables)"


def _state(meta: ObjectMeta) -> Hashable:
    """What changes when somebody puts an object of a bucket again."""
    return meta["size"], meta["e_tag"], meta["last_modified"]


def _touched(stat: os.stat_result) -> Hashable:
    """What changes when somebody touches a file."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def _flush(path: Path) -> None:
    """Write a file and its entry in its folders through to the disk: a rename can be lost with the power otherwise."""
    for each, flags in ((path, os.O_RDONLY), (path.parent, os.O_DIRECTORY), (path.parent.parent, os.O_DIRECTORY)):
        descriptor = os.open(each, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
