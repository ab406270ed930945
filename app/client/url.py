"""The address of a server, checked before anything is sent there."""

from __future__ import annotations

import httpx

from hwcore.errors import Fault, InvalidInput
from worker.contract.process.harmless import one_line

ALLOWED = "http:// or https://, a host name in ASCII or as an IDN, and a port where it is not the usual one"


def server_url(text: str, *, named: str = "url") -> str:
    """The address without a slash at its end.

    Args:
        text: what somebody wrote.
        named: what the message calls it.

    Raises:
        InvalidInput: no request can be sent there.
    """
    try:
        url = httpx.URL(text)
        good = url.scheme in ("http", "https") and bool(url.host)
        good = good and not any(character.isspace() for character in text)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        good = False
    if not good:
        raise InvalidInput([Fault(f"/{named}", f"got '{one_line(text)}'; allowed: {ALLOWED}", text, ALLOWED)])
    return text.rstrip("/")
