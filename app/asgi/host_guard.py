"""ASGI middleware: a server on loopback answers only requests that call it by a loopback name.

A page in a browser can make a host name of its own point to 127.0.0.1 (DNS rebinding) and would then count as the same
origin. Its `Host` header gives it away.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems.problem import problem_response, shown


class HostGuard:
    """Refuses requests whose `Host` is not in a list.

    Args:
        app: the application behind it.
        hosts: host names without port, lower case, e.g. {"127.0.0.1", "localhost", "[::1]"}.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if host_name(host) not in self.hosts:
                allowed = ", ".join(sorted(self.hosts))
                refusal = problem_response("HOST_NOT_ALLOWED", f"got Host {shown(host)}; allowed: {allowed}.")
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def host_name(host: str) -> str:
    """The name in a `Host` header, lower case, without the port; an IPv6 address keeps its brackets."""
    name, bracket, _ = host.partition("]")
    return (name + bracket if bracket else host.partition(":")[0]).lower()
