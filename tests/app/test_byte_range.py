"""The `Range` header as it is read."""

from __future__ import annotations

import pytest
from fastapi import Request

from app.byte_range import byte_range
from app.problem import Problem

DIGITS = "9" * 5000


def asking(header: str) -> Request:
    return Request({"type": "http", "headers": [(b"range", header.encode("latin-1"))]})


@pytest.mark.parametrize("header", [f"bytes={DIGITS}-", f"bytes=-{DIGITS}", f"bytes=0-{DIGITS}", f"bytes={'9' * 20}-"])
def test_a_position_that_no_file_has_is_passed_over(header: str) -> None:
    assert byte_range(asking(header), 10, '"tag"') is None


def test_the_largest_positions_are_read() -> None:
    assert byte_range(asking(f"bytes=2-{'9' * 19}"), 10, '"tag"') == (2, 10)
    assert byte_range(asking(f"bytes=-{'9' * 19}"), 10, '"tag"') == (0, 10)
    with pytest.raises(Problem) as caught:
        byte_range(asking(f"bytes={'9' * 19}-"), 10, '"tag"')
    assert caught.value.reason == "RANGE_NOT_SATISFIABLE"
