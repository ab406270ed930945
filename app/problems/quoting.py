"""A client's text as it may stand in a message or in a log."""

from __future__ import annotations

from worker.contract.access.tokens import SECRET

LONGEST = 100


def shown(text: str) -> str:
    """The text quoted, printable, at most 100 characters of it; a token, which may stand in any place, is left out."""
    text = SECRET.sub("mho_...", text)
    return ascii(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")
