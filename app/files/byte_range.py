"""The `Range` header, to the letter of its grammar (RFC 9110, section 14)."""

from __future__ import annotations

import re

from fastapi import Request

from app.files.conditions import Validators, range_wanted
from app.problems.problem import Problem, shown

# No file has a position of more digits, and reading a number takes longer the more it has.
_ONE = r"(?:[0-9]{1,19}-[0-9]{0,19}|-[0-9]{1,19})"
_COMMA = r"[ \t]*+,[ \t,]*+"
# Empty members of a list are none (RFC 9110, section 5.6.1.2); white space is allowed beside commas alone.
_RANGES = re.compile(rf"[Bb][Yy][Tt][Ee][Ss]=(?:{_COMMA})?({_ONE}(?:{_COMMA}{_ONE})*)(?:{_COMMA})?")

MOST_RANGES = 100
"""Ranges of one request; a request with more gets the whole file."""


def byte_ranges(request: Request, size: int, validators: Validators) -> list[tuple[int, int]] | None:
    """The parts of a file that a request asks for.

    A header of another unit, one that is malformed or asks for a range that ends before it begins, one with an
    `If-Range` of another state, and one of another method than GET is passed over, as the RFC asks: the answer is the
    whole file. A range that lies outside the file is left out.

    Args:
        request: with or without `Range` and `If-Range`.
        size: of the file, bytes.
        validators: of the file.

    Returns:
        First byte and the one after the last of each part, in their order; None for the whole file.

    Raises:
        Problem: RANGE_NOT_SATISFIABLE, no part lies in the file.
    """
    header = request.headers.get("range", "")
    ranges = _RANGES.fullmatch(header)
    if request.method != "GET" or ranges is None or not range_wanted(request, validators):
        return None
    pairs = [part.strip(" \t").split("-") for part in ranges[1].split(",") if part.strip(" \t")]
    if len(pairs) > MOST_RANGES or any(first and last and int(last) < int(first) for first, last in pairs):
        return None
    found = [_part(first, last, size) for first, last in pairs]
    parts = [(start, end) for start, end in found if start < end]
    if not parts:
        raise Problem(
            "RANGE_NOT_SATISFIABLE",
            f"got Range: {shown(header)}; the file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return parts


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    """One range in positions of the file; empty where it lies outside."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
