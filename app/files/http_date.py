"""Moments in HTTP headers (RFC 9110, section 5.6.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_LONG_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTH, _TIME = rf"(?P<month>{'|'.join(_MONTHS)})", r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS = (
    # Sun, 06 Nov 1994 08:49:37 GMT
    re.compile(rf"(?P<day>{'|'.join(_DAYS)}), (?P<date>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    # Sunday, 06-Nov-94 08:49:37 GMT
    re.compile(rf"(?P<day>{'|'.join(_LONG_DAYS)}), (?P<date>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),
    # Sun Nov  6 08:49:37 1994
    re.compile(rf"(?P<day>{'|'.join(_DAYS)}) {_MONTH} (?P<date>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)
_CENTURY, _FUTURE = 100, 50


def http_date(moment: datetime) -> str:
    """A moment with its zone, as it is sent: "Sun, 06 Nov 1994 08:49:37 GMT"."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str, now: datetime | None = None) -> datetime | None:
    """The moment that a header names, in any of the three forms.

    Args:
        text: as it came.
        now: by which a year of two digits is read, which is never more than 50 years ahead; by default the present.

    Returns:
        In UTC, whole seconds; None where the text is no date, is on another day of the week than it says, or was never
        on a clock. A leap second is the second after it.
    """
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    year, second = int(found["year"]), int(found["second"])
    if len(found["year"]) == 2:
        present = (now or datetime.now(UTC)).year
        year += present // _CENTURY * _CENTURY
        year -= _CENTURY if year > present + _FUTURE else 0
    if second > 60:
        return None
    try:
        clock = int(found["hour"]), int(found["minute"]), min(second, 59)
        moment = datetime(year, _MONTHS.index(found["month"]) + 1, int(found["date"]), *clock, tzinfo=UTC)
        if not found["day"].startswith(_DAYS[moment.weekday()]):
            return None
        return moment + timedelta(seconds=second - clock[2])
    except (ValueError, OverflowError):
        return None
