from __future__ import annotations

import os

import pytest

from worker.babysit.process.attempt_process import share_of_threads, thread_variables
from worker.contract import Settings


def test_processors_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    processors = len(os.sched_getaffinity(0))
    assert share_of_threads(Settings()) == processors
    assert share_of_threads(Settings(concurrency=256)) == max(1, processors // 256)
    assert share_of_threads(Settings(threads=7, concurrency=2)) == 7


def test_the_variable_of_openmp_replaces_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert share_of_threads(Settings()) == share_of_threads(Settings(concurrency=4)) == 5
    assert share_of_threads(Settings(threads=7)) == 7


def test_the_environment_names_the_threads() -> None:
    assert thread_variables(2)["OMP_NUM_THREADS"] == "2"
