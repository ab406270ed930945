"""Measured rows, one JSON line each, appended the moment they are there: a stop loses only the row under way."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def append(path: Path, row: Row) -> None:
    """Add a row in one write, under a lock, and wait for the disk. A line that a stop cut short is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        cut_short = False
        if size:
            file.seek(size - 1)
            cut_short = file.read(1) != b"\n"
        line = json.dumps(row, sort_keys=True).encode() + b"\n"
        file.write(b"\n" + line if cut_short else line)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> dict[str, Row]:
    """Every whole row by its key; of two with the same key, the later one. What a stop cut short is left out."""
    found: dict[str, Row] = {}
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        found[row["key"]] = row
    return found
