"""One artifact's file in the artifact store, wherever that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from app.problems.problem import Problem
from worker.contract import Artifact, BlobLost, BlobStore


@dataclass(frozen=True)
class StoredFile:
    """The bytes of an artifact; opened as a `Path` is.

    Args:
        blobs: where they are.
        artifact: its line in the manifest.
    """

    blobs: BlobStore
    artifact: Artifact

    @property
    def name(self) -> str:
        """The artifact's name."""
        return self.artifact.name

    def local_path(self) -> Path | None:
        """The file on this machine; None where it is in a bucket.

        Raises:
            BlobLost: it is gone.
        """
        return self.blobs.local_path(self.artifact.sha256)

    def require_intact(self, within: float = 0.0) -> None:
        """Make sure that the bytes are those of the manifest.

        Args:
            within: s; found so no longer ago, and untouched since, they are not read again. 0: they are read.

        Raises:
            BlobLost: they are not, or the file is gone.
            BlobStoreUnavailable: the artifact store does not answer.
        """
        self.blobs.require_intact(self.artifact.sha256, within, name=self.name, size=self.artifact.size)

    def read_intact(self) -> Iterator[bytes]:
        """All bytes in chunks; the last one comes only if they are those of the manifest.

        Raises:
            BlobLost, BlobStoreUnavailable: as `require_intact`.
        """
        return self.blobs.read_intact(self.artifact.sha256, name=self.name, size=self.artifact.size)

    def read_again(self) -> Iterator[bytes]:
        """All bytes in chunks after `require_intact`: not compared again if the file was not touched since.

        Raises:
            BlobLost, BlobStoreUnavailable: as `require_intact`; before the last chunk if somebody writes to the file.
        """
        return self.blobs.read_again(self.artifact.sha256, name=self.name, size=self.artifact.size)

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """The file for reading and seeking.

        Raises:
            BlobLost: it is gone.
        """
        return self.blobs.open(self.artifact.sha256)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in chunks.

        Raises:
            BlobLost: the file is gone.
        """
        return self.blobs.read(self.artifact.sha256, start, end)


@contextmanager
def lost_by_name(artifact: Artifact) -> Iterator[None]:
    """Turn a lost blob into the problem that names its artifact; the log has its place.

    Raises:
        Problem: ARTIFACT_LOST.
    """
    try:
        yield
    except BlobLost as error:
        raise Problem(
            "ARTIFACT_LOST",
            f"The file of {artifact.name} (SHA-256 {artifact.sha256}) is missing or damaged in the artifact store: "
            "restore it from a copy, or run the job again.",
        ) from error
