"""Threads of a process where no setting gives them: those of OMP_NUM_THREADS, or the processors that it may use."""

from __future__ import annotations

import os

MOST_THREADS = 1024


def available_threads() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def openmp_threads() -> int | None:
    """Read OMP_NUM_THREADS: its first number, from 1 and at most 1024; None where it holds none.

    OpenMP takes one number for every level of nested loops, with commas between them, and ignores anything else.
    """
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    asked = int(first) if first.isascii() and first.isdecimal() and len(first) < 19 else 0
    return min(asked, MOST_THREADS) if asked else None


def default_threads() -> int:
    """`openmp_threads`, or all processors that this process may run on."""
    return openmp_threads() or available_threads()
