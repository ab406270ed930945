"""How many CPU threads one training gets."""

from __future__ import annotations

from hwcore.processors import available_threads, openmp_threads
from worker.contract import Settings


def share_of_threads(settings: Settings) -> int:
    """`settings.threads`, what OMP_NUM_THREADS asks for, or an even share of the processors, at least 1."""
    return settings.threads or openmp_threads() or max(1, available_threads() // settings.concurrency)


def thread_variables(threads: int) -> dict[str, str]:
    """Environment that holds the numerical libraries to so many threads; they read it when they are loaded."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return dict.fromkeys(names, str(threads))
