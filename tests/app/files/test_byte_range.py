"""The `Range` header as it is read: RFC 9110, section 14, to the letter."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from fastapi import Request

from app.files.byte_range import MOST_RANGES, byte_ranges
from app.files.conditions import Validators
from app.problems.problem import Problem

DIGITS = "9" * 5000
MODIFIED = datetime(1994, 11, 6, 8, 49, 37, 999_999, tzinfo=UTC)
VALIDATORS = Validators('"tag"', MODIFIED)


def asked(header: str, size: int = 10, method: str = "GET", **others: str) -> list[tuple[int, int]] | None:
    headers = {"range": header, **{name.replace("_", "-"): value for name, value in others.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return byte_ranges(Request({"type": "http", "method": method, "headers": raw}), size, VALIDATORS)


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=2-5", [(2, 6)]),
        ("bytes=2-", [(2, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-99", [(0, 10)]),
        ("bytes=5-99", [(5, 10)]),
        ("BYTES=007-008", [(7, 9)]),
        ("bytes=0-1,4-5", [(0, 2), (4, 6)]),
        ("bytes=0-1 , 4-5", [(0, 2), (4, 6)]),
        ("bytes=0-1,\t,4-5,", [(0, 2), (4, 6)]),
        ("bytes=,0-1", [(0, 2)]),
        ("bytes=50-60,-2", [(8, 10)]),
        (f"bytes=2-{'9' * 19}", [(2, 10)]),
        (f"bytes=-{'9' * 19}", [(0, 10)]),
    ],
)
def test_what_the_grammar_has_is_read(header: str, parts: list[tuple[int, int]]) -> None:
    assert asked(header) == parts


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=,",
        "bytes=x-y",
        "bytes=5-3",
        "bytes=0-1,5-3",
        "bytes=1_0-2_0",
        "bytes=+1-2",
        "bytes=1-+2",
        "bytes=--1",
        "bytes= 1-2",
        "bytes=1 -2",
        "bytes=1- 2",
        "bytes =1-2",
        "bytes=1-2 3-4",
        "bytes=1-2;3-4",
        "bytes=0x1-0x2",
        "bytes=1.0-2",
        "bytes=\xb2-\xb3",
        "bytes=1-2-3",
        "bytes:1-2",
        "items=0-1",
        "none",
        f"bytes={DIGITS}-",
        f"bytes=-{DIGITS}",
        f"bytes=0-{DIGITS}",
        f"bytes={'9' * 20}-",
        "bytes=" + ",".join(["0-1"] * (MOST_RANGES + 1)),
    ],
)
def test_everything_else_is_passed_over(header: str) -> None:
    assert asked(header) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=10-11,-0", f"bytes={'9' * 19}-"])
def test_no_byte_of_the_file_is_refused(header: str) -> None:
    with pytest.raises(Problem) as caught:
        asked(header)
    assert caught.value.reason == "RANGE_NOT_SATISFIABLE"
    assert caught.value.headers == {"Content-Range": "bytes */10"}


@pytest.mark.parametrize(
    ("condition", "counts"),
    [
        ('"tag"', True),
        ('W/"tag"', False),
        ('"other"', False),
        ("tag", False),
        ("Sun, 06 Nov 1994 08:49:37 GMT", True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", True),
        ("Sun, 06 Nov 1994 08:49:38 GMT", False),
        ("Sun, 06 Nov 1994 08:49:36 GMT", False),
        ("yesterday", False),
    ],
)
def test_if_range_is_for_this_very_state(condition: str, counts: bool) -> None:
    assert asked("bytes=0-1", if_range=condition) == ([(0, 2)] if counts else None)


def test_only_a_get_has_ranges() -> None:
    # RFC 9110, section 14.2; a HEAD says what there is, and refuses nothing.
    for header in ("bytes=0-1", "bytes=10-"):
        assert asked(header, method="HEAD") is None


def test_a_long_header_takes_no_time() -> None:
    began = time.perf_counter()
    for header in ("bytes=" + ", " * 30_000 + "x", "bytes=" + "0-1," * 15_000 + "x", "bytes=1-2" + " " * 60_000 + "x"):
        assert asked(header) is None
    assert time.perf_counter() - began < 1.0
