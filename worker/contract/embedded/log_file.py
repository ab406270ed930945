"""The log of a service: appended to, and put aside when it has grown."""

from __future__ import annotations

from pathlib import Path
from typing import IO

PUT_ASIDE_BYTES = 10_000_000


def open_log(path: Path, most_bytes: int = PUT_ASIDE_BYTES) -> IO[bytes]:
    """Open the file for appending; one that is larger first becomes `<name>.1`, in place of an earlier such file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > most_bytes:
        path.rename(path.with_name(path.name + ".1"))
    return path.open("ab")
