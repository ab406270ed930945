"""Limits on the page of a list."""

from __future__ import annotations

from hwcore.errors import Fault, InvalidInput
from worker.contract.ids import is_id

MOST = 1000
"""Entries of one page."""


def check_page(limit: int, cursor: str | None) -> None:
    """Do nothing where there can be such a page.

    Args:
        limit: at most so many entries, 1 to `MOST`.
        cursor: `next_cursor` of the page before, an id; None: the first page.

    Raises:
        InvalidInput: limit or cursor is none.
    """
    faults = []
    if not 1 <= limit <= MOST:
        faults.append(Fault("/limit", "the limit is out of range", str(limit), f"a whole number from 1 to {MOST}"))
    if cursor is not None and not is_id(cursor):
        faults.append(Fault("/cursor", "the cursor is none", repr(cursor[:80]), "next_cursor of an earlier page"))
    if faults:
        raise InvalidInput(faults)
