"""ASGI middleware: counts every request by route and status, with the time that it took."""

from __future__ import annotations

import time

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"})


class RequestMetrics:
    """Observes the time to the first byte.

    Args:
        app: the application behind it.
        requests: by method, route and status.
    """

    def __init__(self, app: ASGIApp, requests: Histogram) -> None:
        self.app = app
        self.requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The template and never the path: a client would make a figure of its own with every name.
                route = getattr(scope.get("route"), "path", "none")
                method = scope["method"] if scope["method"] in METHODS else "other"
                self.requests.labels(method, route, str(message["status"])).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, noted_send)
