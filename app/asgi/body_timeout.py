"""ASGI middleware: a body that comes drop by drop is not waited for without end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.operations.operation import Operation, value_for


class BodyTimeout:
    """Answers 408 where a route wants a body that has not come in whole after a while.

    Args:
        app: the application behind it.
        seconds: from the beginning of the request to the last byte of its body.
        longer: operations with another time: seconds, and the setting that says so.
    """

    def __init__(
        self, app: ASGIApp, seconds: float, longer: Mapping[Operation, tuple[float, str]] | None = None
    ) -> None:
        self.app = app
        self.seconds = seconds
        self.longer = dict(longer or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        seconds, setting = value_for(scope, self.longer, (self.seconds, "MHO_BODY_SECONDS"))
        ends = loop.time() + seconds
        # Once the whole body is here, or the answer has begun, a route waits only for the client to go away.
        waits_for_body = True

        async def timed_receive() -> Message:
            nonlocal waits_for_body
            if not waits_for_body:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), ends - loop.time())
            except TimeoutError:
                if not waits_for_body:
                    return await receive()
                detail = (
                    f"The body did not come within {seconds:g} s; allowed: at most {seconds:g} s from the "
                    f"beginning of the request to its last byte ({setting})."
                )
                raise HTTPException(408, detail, headers={"Connection": "close"}) from None
            waits_for_body = waits_for_body and message.get("more_body", False)
            return message

        async def noted_send(message: Message) -> None:
            nonlocal waits_for_body
            waits_for_body = False
            await send(message)

        await self.app(scope, timed_receive, noted_send)
