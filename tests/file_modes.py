"""The rights with which files are made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UMASKS = (0o022, 0o027, 0o077)
"""What machines have: others may read, the group may, nobody may."""


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Make files under this umask."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """The rights of every file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()
    }
