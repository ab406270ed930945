"""ASGI middleware: every request has an id, in its answer and on every line that is logged for it."""

from __future__ import annotations

import re
import uuid

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.contract.access.tokens import SECRET
from worker.contract.process.logs import logged_as

HEADER = "X-Request-Id"
RAW_HEADER = HEADER.lower().encode("ascii")

SANE = re.compile(r"[A-Za-z0-9._-]{1,100}")
"""An id that a client may choose: nothing that could end a line or fill a log, and no token either."""

JOB = re.compile(r"/v1/jobs/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")


class RequestLog:
    """Takes the id from `X-Request-Id` where it is sane, makes one otherwise, and sends it back.

    Args:
        app: the application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get(HEADER, "")
        sane = SANE.fullmatch(wanted) and not SECRET.search(wanted)
        request_id = wanted if sane else uuid.uuid4().hex
        job = JOB.match(scope["path"])

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Nothing behind sets one of its own.
                message["headers"].append((RAW_HEADER, request_id.encode("ascii")))
            await send(message)

        with logged_as(job_id=job and job[1], request_id=request_id):
            await self.app(scope, receive, send_with_id)
