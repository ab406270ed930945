"""Authentication by token, and the wait that a server with a rate limit asks for."""

from __future__ import annotations

import time
from collections.abc import Generator

import httpx

from hwcore.errors import Fault, InvalidInput
from worker.contract.access.tokens import SECRET

PATIENCE = 60.0
"""Seconds that one call waits, at most, for a server that limits the rate of requests."""


class TokenAuth(httpx.Auth):
    """Sends a token with every request, and a request again when the server has said how long to wait.

    Args:
        token: what `mho token create` printed; empty for none.

    Raises:
        InvalidInput: the token is malformed. The error does not repeat it.
    """

    def __init__(self, token: str) -> None:
        self._token = token.strip()
        if self._token and not SECRET.fullmatch(self._token):
            got = f"a text of {len(self._token)} characters"
            allowed = "mho_ and 43 characters, as `mho token create` printed it"
            raise InvalidInput([Fault("/MHO_TOKEN", f"got {got}; allowed: {allowed}", got, allowed)])

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request; as httpx asks for it."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        waited = 0.0
        response = yield request
        # A body that is read from a file is gone once it was sent.
        while isinstance(request.stream, httpx.ByteStream):
            wait = _told_to_wait(response)
            if wait is None or waited + wait > PATIENCE:
                return
            time.sleep(wait)
            waited += wait
            response = yield request


def _told_to_wait(response: httpx.Response) -> float | None:
    """The seconds until the server wants to be asked again; None where it was not asked too fast."""
    if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return None
    response.read()
    wait = response.headers.get("retry-after", "")
    # Another 429, a quota, does not go by waiting a little.
    return float(wait) if '"RATE_LIMITED"' in response.text and wait.isdecimal() and len(wait) < 9 else None
