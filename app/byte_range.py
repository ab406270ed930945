"""The `Range` header, for files that the framework cannot serve by itself (RFC 9110, section 14)."""

from __future__ import annotations

import re

from fastapi import Request

from app.problem import Problem, shown

# No file has a position of more digits, and reading a number takes longer the more it has.
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


def byte_range(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """The one range that a request asks for.

    A header that is malformed, asks for several ranges, or comes with an `If-Range` that is not this file's tag is
    passed over, as the RFC allows: the answer is the whole file.

    Args:
        request: with or without `Range` and `If-Range`.
        size: of the file, bytes.
        etag: of the file.

    Returns:
        First byte and the one after the last; None for the whole file.

    Raises:
        Problem: RANGE_NOT_SATISFIABLE.
    """
    header = request.headers.get("range", "")
    asked = _RANGE.fullmatch(header.strip())
    if asked is None or asked.group() == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return None
    first, last = asked.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= end:
        raise Problem(
            "RANGE_NOT_SATISFIABLE",
            f"got Range: {shown(header)}; the file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end
