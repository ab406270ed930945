"""One service per home folder: two would write to the same files."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from worker.contract.errors import HomeInUse

LAST_BREATH_SECONDS = 5.0
"""Time to wait for the children of a service that was killed a moment ago: they hold the lock until the end."""


class HomeLock:
    """An advisory lock on `<home>/lock`, which bears the holder's process id.

    Args:
        home: the folder; it is made, for this user alone.

    Raises:
        HomeInUse: (on entering) another process holds it.
        OSError: (on entering) the folder cannot be made or written.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file; a child that inherits it holds the lock as well, until it ends."""
        if self._descriptor is None:
            raise RuntimeError("the lock is not held: enter it first")
        return self._descriptor

    def __enter__(self) -> HomeLock:
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + LAST_BREATH_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
                if _alive(holder) or time.monotonic() > deadline:
                    os.close(descriptor)
                    raise HomeInUse(
                        f"the home folder {self._home} is in use by the process {holder or 'of unknown number'}; stop "
                        "that one, or choose another folder with --home or MHO_HOME"
                    ) from None
                time.sleep(0.02)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)
        self._descriptor = None


def _alive(holder: str) -> bool:
    if not holder.isdecimal():
        return False
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
