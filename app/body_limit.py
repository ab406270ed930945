"""ASGI middleware: a body over the limit is refused before it is read, or as soon as it has grown too large.

The framework's own limit answers in plain text and breaks streamed answers off with a stack trace, hence this one.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problem import problem_response


class BodyLimit:
    """Refuses bodies of more than `most` bytes with a 413, whether their length is announced or not.

    Args:
        app: the application behind it.
        most: bytes.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        # Python refuses to read a number of thousands of digits.
        if announced.isdecimal() and (len(announced) > 18 or int(announced) > self.most):
            await problem_response("BODY_TOO_LARGE", self._detail())(scope, receive, send)
            return
        received = 0
        answering = False

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # An answer that has begun is finished; what still comes is not kept.
            if received > self.most and not answering:
                raise HTTPException(413, self._detail())
            return message

        async def noted_send(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        await self.app(scope, counted_receive, noted_send)

    def _detail(self) -> str:
        """What is allowed."""
        return (
            f"The body is larger than {self.most:,} bytes; allowed: at most {self.most:,} bytes (MHO_MAX_BODY_BYTES)."
        )
