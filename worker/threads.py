"""How many CPU threads one training gets."""

from __future__ import annotations

import os

from worker.contract import Settings


def share_of_threads(settings: Settings) -> int:
    """`settings.threads`, or an even share of the processors that this process may use: at least 1."""
    if settings.threads is not None:
        return settings.threads
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, processors // settings.concurrency)


def thread_variables(threads: int) -> dict[str, str]:
    """Environment that holds the numerical libraries to so many threads; they read it when they are loaded."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return dict.fromkeys(names, str(threads))
