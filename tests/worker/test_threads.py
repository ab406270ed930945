from __future__ import annotations

import os

from worker.contract import Settings
from worker.threads import share_of_threads, thread_variables


def test_processors_are_shared_out() -> None:
    processors = len(os.sched_getaffinity(0))
    assert share_of_threads(Settings()) == processors
    assert share_of_threads(Settings(concurrency=256)) == max(1, processors // 256)
    assert share_of_threads(Settings(threads=7, concurrency=2)) == 7


def test_the_libraries_are_told() -> None:
    assert thread_variables(2)["OMP_NUM_THREADS"] == "2"
