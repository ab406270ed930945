"""Blobs: bytes that are named by their SHA-256, so that a name never means other bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from worker.contract.errors import BlobLost

PREFIX = "sha256"
"""All blobs lie under it."""

SHA256 = re.compile(r"[0-9a-f]{64}")
"""The form of a digest."""


@dataclass(frozen=True)
class Blob:
    """Name and length of a blob.

    Args:
        sha256: of its bytes, 64 hexadecimal digits, lower case.
        size: bytes.
    """

    sha256: str
    size: int


@dataclass(frozen=True)
class StoredBlob:
    """A blob as it lies in a store.

    Args:
        sha256: its name.
        size: bytes.
        modified: when it was put the last time, by the store's clock (UTC).
    """

    sha256: str
    size: int
    modified: datetime


def blob_key(sha256: str) -> str:
    """Key of the blob: `sha256/<first 2 digits>/<all 64>`.

    Raises:
        BlobLost: the text is no digest; nothing else may become a part of a path.
    """
    if not SHA256.fullmatch(sha256):
        raise BlobLost(f"got the digest {sha256[:80]!r}; allowed: a SHA-256, 64 hexadecimal digits in lower case")
    return f"{PREFIX}/{sha256[:2]}/{sha256}"


def sha256_of_key(key: str) -> str | None:
    """The digest in a key that `blob_key` gives; None for every other key."""
    sha256 = key.rpartition("/")[2]
    return sha256 if SHA256.fullmatch(sha256) and key == blob_key(sha256) else None
