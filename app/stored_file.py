"""One artifact's file in the artifact store, wherever that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from worker.contract import Artifact, BlobStore


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

    def stored_size(self) -> int:
        """Bytes that are really there.

        Raises:
            BlobLost: the file is gone.
        """
        path = self.local_path()
        return self.blobs.size(self.artifact.sha256) if path is None else path.stat().st_size

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
