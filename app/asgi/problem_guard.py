"""ASGI middleware: no error leaves the server in any form but a problem, and none with a stack trace."""

from __future__ import annotations

import logging

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems.errors import internal_problem, problem_of_status
from app.problems.problem import MEDIA_TYPE
from hwcore.errors import MhoError

log = logging.getLogger("mho.app")


class ProblemGuard:
    """Catches what a route did not handle, and rewrites the plain-text errors of the framework.

    The framework's file response answers 416 and 400 in plain text, past every exception handler; such a response is
    replaced by the problem of its status. An unexpected exception becomes a 500 whose id
    leads to the log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False
        replaced = False

        async def guarded_send(message: Message) -> None:
            nonlocal started, replaced
            if replaced:
                return
            if message["type"] == "http.response.start" and not started:
                started = True
                status: int = message["status"]
                headers = Headers(raw=message["headers"]) if status >= 400 else None
                if headers is not None and headers.get("content-type") != MEDIA_TYPE:
                    replaced = True
                    await problem_of_status(status, None, dict(headers))(scope, receive, send)
                    return
            await send(message)

        try:
            await self.app(scope, receive, guarded_send)
        except ClientDisconnect:
            # No client is left to answer.
            return
        except Exception as error:
            if started:
                # The framework wraps an error for which it has a handler and no answer any more.
                cause = error.__cause__ if isinstance(error, RuntimeError) else error
                if not isinstance(cause, MhoError):
                    raise
                # Nothing ends the answer, so that the client sees that it is not whole.
                log.error("%s %s breaks off: %s", scope["method"], scope["path"], cause)
                return
            await internal_problem(error, f"{scope['method']} {scope['path']}")(scope, receive, send)
