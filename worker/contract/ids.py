"""Ids of jobs, uploads and tokens: UUIDs of version 7, so that ids sort by the time of their making."""

from __future__ import annotations

import secrets
import time
import uuid


def new_id() -> str:
    """A new UUIDv7 in its usual text form.

    48 bits of Unix time in ms, then 12 bits of the fraction of that millisecond (RFC 9562, section 6.2, method 3), so
    that ids made in one process sort by their making down to a quarter of a microsecond; the other 62 bits are random.

    Returns:
        36 characters, lower case.

    Source:
        RFC 9562, section 5.7.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (nanoseconds * 4096 // 1_000_000) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """Tell whether `text` has exactly the form that `new_id` gives: only such text may become a folder's name."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
