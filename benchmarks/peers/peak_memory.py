"""Largest resident memory of this process since a moment of our choosing (Linux), else since it started."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import resource
import sys
from pathlib import Path

CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


def forget_peak() -> None:
    """Give back what is free, and count the peak from here on, where the system can do so."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc: freed memory would hide what comes next
    with contextlib.suppress(OSError):
        CLEAR.write_text("5")


def peak_resident() -> int:
    """Bytes."""
    found = _status("VmHWM")
    if found is not None:
        return found
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def resident() -> int:
    """Bytes now; the peak so far where the system does not say."""
    found = _status("VmRSS")
    return peak_resident() if found is None else found


def _status(field: str) -> int | None:
    try:
        lines = STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), None)
