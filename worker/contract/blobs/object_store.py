"""The folder or bucket in which blobs lie: opened when it is first used, with errors in words that help."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from worker.contract.blobs.blob_check import BlobCheck
from worker.contract.blobs.blob_url import check_blob_url, folder_of
from worker.contract.blobs.bucket import bucket_at
from worker.contract.errors import BlobLost, BlobStoreUnavailable

PROBES = "probe"
"""Prefix of objects that are written only to see whether that works."""

_USED_IN: set[int] = set()
"""The process that has used obstore, if one has."""


class ObjectStore:
    """A folder or a bucket.

    Attributes:
        url: as it was given.
        folder: that the URL means; None for a bucket.
        check: what this process knows of the blobs that it has read.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = check_blob_url(url)
        except ValueError as error:
            raise BlobStoreUnavailable(str(error)) from error
        self.folder = folder_of(url)
        self.check = BlobCheck()
        self._opened: LocalStore | S3Store | None = None

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
