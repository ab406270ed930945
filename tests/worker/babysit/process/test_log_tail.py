from __future__ import annotations

from worker.babysit.process.log_tail import LogTail


def test_the_last_lines_are_kept() -> None:
    tail = LogTail(lines=3)
    for part in (b"one\ntw", b"o\n\nthr", b"ee\nfour\nfive"):
        tail.feed(part)
    assert tail.last(10) == ["three", "four", "five"]
    assert tail.last(1) == ["five"]


def test_memory_is_bounded() -> None:
    tail = LogTail(lines=2, width=10)
    for _ in range(1000):
        tail.feed(b"x" * 1000)
    tail.feed(b"\nend")
    assert tail.last(5) == ["x" * 10, "end"]


def test_bytes_that_are_no_text_are_shown_all_the_same() -> None:
    tail = LogTail()
    tail.feed(b"\xff broken\r\n")
    assert tail.last(1) == ["� broken"]


def test_without_output_there_are_no_lines() -> None:
    assert LogTail().last(5) == []
