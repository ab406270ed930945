"""ASGI middleware: a header that has one value comes once.

Of two values one would be dropped in silence, and a proxy in front may have read the other one.
"""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems.problem import problem_response

SINGLE = frozenset(
    {
        "Authorization",
        "Content-Length",
        "Content-Type",
        "Idempotency-Key",
        "If-Modified-Since",
        "If-Range",
        "If-Unmodified-Since",
        "Last-Event-ID",
        "Range",
        "X-Request-Id",
    }
)
"""Headers that this server reads and that are no lists; that there is one `Host` is for `app.serving.http_protocol`."""

_NAMES = {name.lower().encode("ascii"): name for name in SINGLE}


class SingleHeaders:
    """Refuses a request that has one of `SINGLE` twice, by name.

    Args:
        app: the application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] == "http":
            found = [_NAMES[name] for name, _ in scope["headers"] if name in _NAMES]
            if len(found) != len(set(found)):
                repeated = ", ".join(f"{count} {name}" for name, count in Counter(found).items() if count > 1)
                refusal = problem_response("BAD_REQUEST", f"got {repeated} headers; allowed: one of each.")
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)
