"""Moments in query parameters: RFC 3339, section 5.6, all of it and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

PATTERN = (
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
    "([.][0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
"""The grammar; that the day is one of its month, and that a leap second ends a day of UTC, is for the format."""

ALLOWED = "a moment as in RFC 3339 with its zone, e.g. 2026-11-29T06:00:00Z or 2026-11-29T07:00:00%2B01:00"

_PARTS = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))",
    re.ASCII,
)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_CYCLE = 400
"""Years after which the calendar repeats."""


def parse_moment(text: str) -> datetime:
    """The moment of a text.

    Args:
        text: as RFC 3339 has it. A leap second is the second after it. Parts of a second beyond millionths are dropped.

    Returns:
        In UTC; the first or last moment of the years 1 to 9999 for one that lies outside.

    Raises:
        ValueError: the text is none.
    """
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(f"allowed: {ALLOWED}")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    sign, hours, minutes = found[8], int(found[9] or 0), int(found[10] or 0)
    if hours > 23 or minutes > 59 or second > 60:
        raise ValueError(f"allowed: {ALLOWED}")
    try:
        # A year that has the same calendar and in which nothing overflows.
        local = datetime(2000 + year % _CYCLE, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        raise ValueError(f"no such day or time; allowed: {ALLOWED}") from None
    offset = timedelta(hours=hours, minutes=minutes)
    moment = local + offset if sign == "-" else local - offset
    if second == 60:
        if (moment.hour, moment.minute) != (23, 59):
            raise ValueError(f"a leap second ends a day of UTC; allowed: {ALLOWED}")
        moment += timedelta(seconds=1)
    moment = moment.replace(microsecond=int((found[7] or "0")[:6].ljust(6, "0")))
    shifted = year + moment.year - local.year
    return _FIRST if shifted < 1 else _LAST if shifted > 9999 else moment.replace(year=shifted)
