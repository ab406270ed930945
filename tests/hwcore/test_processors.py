"""How many threads there are where nobody says."""

import os

import pytest

from hwcore.processors import MOST_THREADS, available_threads, default_threads, openmp_threads


@pytest.mark.parametrize(
    ("said", "threads"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("4,2", 4),
        ("1000000", MOST_THREADS),
        ("", None),
        ("0", None),
        ("-2", None),
        ("two", None),
        ("2.5", None),
        ("\u0663", None),
        ("9" * 5000, None),
    ],
)
def test_what_openmp_is_told_is_heeded_where_it_is_a_number(
    monkeypatch: pytest.MonkeyPatch, said: str, threads: int | None
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert openmp_threads() == threads
    assert default_threads() == (threads or available_threads())


def test_without_a_word_all_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert openmp_threads() is None
    assert default_threads() == available_threads() == len(os.sched_getaffinity(0))
