"""ASGI middleware: the server behind a proxy that has it under a path, whether the proxy takes that off or not."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPath:
    """Takes a prefix off the path of every request that has it; what is behind knows nothing of it.

    Answers name paths with the prefix, see `app.answers.links`.

    Args:
        app: the application behind it.
        root: the prefix, e.g. "/mho"; never the beginning of a path of this server's own.
    """

    def __init__(self, app: ASGIApp, root: str) -> None:
        self.app = app
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self.root}/"):
            scope["path"] = scope["path"][len(self.root) :] or "/"
            raw: bytes = scope.get("raw_path") or b""
            # A raw path that wrote the prefix in another way is of no use here.
            scope["raw_path"] = raw[len(self.root) :] or b"/" if raw.startswith(self.root.encode()) else None
        await self.app(scope, receive, send)
