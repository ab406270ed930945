"""ASGI middleware: a body over the limit is refused before it is read, or as soon as it has grown too large.

The framework's own limit answers in plain text and breaks streamed answers off with a stack trace, hence this one.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.operations.operation import Operation, value_for
from app.problems.problem import problem_response


class BodyLimit:
    """Refuses bodies of more than `most` bytes with a 413, whether their length is announced or not.

    Args:
        app: the application behind it.
        most: bytes.
        larger: operations with another limit: bytes, and the setting that says so.
    """

    def __init__(self, app: ASGIApp, most: int, larger: Mapping[Operation, tuple[int, str]] | None = None) -> None:
        self.app = app
        self.most = most
        self.larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most, setting = value_for(scope, self.larger, (self.most, "MHO_MAX_BODY_BYTES"))
        detail = f"The body is larger than {most:,} bytes; allowed: at most {most:,} bytes ({setting})."
        announced = Headers(scope=scope).get("content-length", "")
        # Python refuses to read a number of thousands of digits.
        if announced.isdecimal() and (len(announced) > 18 or int(announced) > most):
            await problem_response("BODY_TOO_LARGE", detail)(scope, receive, send)
            return
        received = 0
        answering = False

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # An answer that has begun is finished; what still comes is not kept.
            if received > most and not answering:
                raise HTTPException(413, detail)
            return message

        async def noted_send(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        await self.app(scope, counted_receive, noted_send)
