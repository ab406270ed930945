"""Memory of the machine, and a refusal before more than that is asked for."""

from __future__ import annotations

import os
from pathlib import Path

from hwcore.errors import ArrayTooLarge

GROUP = Path("/sys/fs/cgroup")


def available_memory() -> int:
    """Bytes that this process can still take: what the machine has free, or less where a container is limited.

    Where the system does not say what is free, all that it has.
    """
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = int((GROUP / "memory.max").read_text(encoding="ascii"))
        free = min(free, max(0, limit - int((GROUP / "memory.current").read_text(encoding="ascii"))))
    except (OSError, ValueError):
        pass  # no control group, or one without a limit ("max")
    return free


def require_memory(needed: int, what: str, limit: int | None) -> None:
    """Do nothing where it fits.

    Args:
        needed: bytes.
        what: takes them, with its size: "the transfer matrix of 1 array of 4096 x 4096".
        limit: bytes that may be taken; None: what `available_memory` says.

    Raises:
        ArrayTooLarge: it does not fit.
    """
    available = available_memory() if limit is None else limit
    if needed > available:
        raise ArrayTooLarge(
            f"{what} takes {needed / 1e9:,.1f} GB of memory; allowed here: {available / 1e9:,.1f} GB; "
            "use smaller arrays, fewer at once, or a machine with more memory"
        )
