"""One uploaded file, as server and worker see it: plain values, no connection to the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class StoredUpload:
    """One uploaded file that has been checked.

    Args:
        id: UUIDv7.
        kind: "dataset".
        name: the user's name for it, may be empty.
        sha256: of the bytes as they came, which are a blob under this name.
        size: bytes.
        description: what is in it, as its check found, JSON-ready.
        created_at: when it came first (UTC).
    """

    id: str
    kind: str
    name: str
    sha256: str
    size: int
    description: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class UploadPage:
    """Some uploads of a kind, newest first, and where the next page begins (None: this was the last)."""

    uploads: tuple[StoredUpload, ...]
    next_cursor: str | None
