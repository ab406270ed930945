"""Moments as RFC 3339 has them: by its own examples, against another reader, and what is none."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from app.requests.rfc3339 import PATTERN, parse_moment

FORMAT = Draft202012Validator({"type": "string", "format": "date-time"}, validate_formats=True)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1985-04-12T23:20:50.52Z", datetime(1985, 4, 12, 23, 20, 50, 520_000, tzinfo=UTC)),
        ("1996-12-19T16:39:57-08:00", datetime(1996, 12, 20, 0, 39, 57, tzinfo=UTC)),
        ("1990-12-31T23:59:60Z", datetime(1991, 1, 1, tzinfo=UTC)),
        ("1990-12-31T15:59:60-08:00", datetime(1991, 1, 1, tzinfo=UTC)),
        ("1937-01-01T12:00:27.87+00:20", datetime(1937, 1, 1, 11, 40, 27, 870_000, tzinfo=UTC)),
        ("2026-01-01t00:00:00z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00-00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00." + "1" * 5000 + "Z", datetime(2026, 1, 1, 0, 0, 0, 111_111, tzinfo=UTC)),
        ("2000-02-29T00:00:00Z", datetime(2000, 2, 29, tzinfo=UTC)),
        # The database knows the years 1 to 9999; nothing was posted in others.
        ("0000-02-29T00:00:00Z", FIRST),
        ("0001-01-01T00:00:00+14:00", FIRST),
        ("9999-12-31T23:59:60Z", LAST),
        ("9999-12-31T23:59:59-00:01", LAST),
    ],
)
def test_what_is_a_moment(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment
    assert re.fullmatch(PATTERN, text)
    assert FORMAT.is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "0.5",
        "-1",
        "1700000000",
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z",
        "2026-1-1T00:00:00Z",
        "20260101T000000Z",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+01:60",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "1998-12-31T22:59:60Z",
        "1998-12-31T23:58:60Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Z ",
        "+2026-01-01T00:00:00Z",
        "\u0662\u0660\u0662\u0666-01-01T00:00:00Z",
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_moment(text)
    assert not (FORMAT.is_valid(text) and re.fullmatch(PATTERN, text))


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(
    date=st.tuples(*[st.integers(low, high) for low, high in ((0, 9999), (1, 12), (1, 31))]),
    time=st.tuples(*[st.integers(0, high) for high in (23, 59, 60)]) | st.just((23, 59, 60)),
    fraction=st.sampled_from(["", ".5", ".123456789"]),
    zone=st.just("Z")
    | st.builds("{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 23), st.integers(0, 59)),
)
def test_the_schema_says_the_same(
    date: tuple[int, int, int], time: tuple[int, int, int], fraction: str, zone: str
) -> None:
    text = "{:04}-{:02}-{:02}T".format(*date) + "{:02}:{:02}:{:02}".format(*time) + fraction + zone
    assert re.fullmatch(PATTERN, text)
    try:
        read = parse_moment(text)
    except ValueError:
        read = None
    assert (read is not None) == FORMAT.is_valid(text), text
