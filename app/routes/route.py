"""Routes that answer HEAD as GET without a body, and that refuse a second value where a parameter has one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, get_origin

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from fastapi.types import DecoratedCallable
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from app.operations.operation import Operation
from app.problems.faults import parameter_detail, parameter_fault
from app.problems.problem import Problem

_ASKED = "mho.head"


class Route(APIRoute):
    """A route that answers HEAD wherever it answers GET (RFC 9110, section 9.3.2): the same headers, and no body.

    A query parameter that has one value is refused where it comes twice: of two, one would be dropped in silence.

    The function behind it is called as for GET; its `request.method` is HEAD, for what is not worth making then.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request against this route, HEAD as GET."""
        return super().matches(_as_get(scope) if scope.get("method") == "HEAD" else scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["method"] == "HEAD" and "GET" in (self.methods or ()):
            await super().handle(_as_get(scope), receive, _headers_alone(send))
        else:
            await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that makes the response."""
        answer = super().get_route_handler()

        async def as_asked(request: Request) -> Response:
            if len(request.query_params) != len(request.query_params.multi_items()):
                self._refuse_repeated(request)
            # The framework has found the route by now.
            if not request.scope.get(_ASKED):
                return await answer(request)
            request.scope["method"] = "HEAD"
            response = await answer(request)
            if isinstance(response, StreamingResponse):
                # Nothing of it is made, which for the events of a job would never end.
                response.body_iterator = _nothing()
            return response

        return as_asked

    def _refuse_repeated(self, request: Request) -> None:
        """Raise INVALID_PARAMETER where one of the route's own parameters that is no list has several values."""
        faults = []
        for name in single_parameters(self):
            values = request.query_params.getlist(name)
            if len(values) > 1:
                faults.append(parameter_fault(name, "given more than once", f"{len(values)} values", "one value"))
        if faults:
            raise Problem("INVALID_PARAMETER", parameter_detail(faults), errors=faults)


class Router(APIRouter):
    """A router of such routes; options as those of FastAPI's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, **options)

    def operation(self, operation: Operation, **options: Any) -> Callable[[DecoratedCallable], DecoratedCallable]:
        """Decorate the function that answers an operation; options as those of FastAPI's `get` and `post`."""
        return self.api_route(operation.path, methods=[operation.method], **options)


def single_parameters(route: APIRoute) -> list[str]:
    """The query parameters of a route that have one value; a route takes them as one model."""
    fields = [
        (name, field)
        for parameter in route.dependant.query_params
        for name, field in getattr(parameter.field_info.annotation, "model_fields", {}).items()
    ]
    return [name for name, field in fields if get_origin(field.annotation) is not list]


def _as_get(scope: Scope) -> Scope:
    return {**scope, "method": "GET", _ASKED: True}


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _headers_alone(send: Send) -> Send:
    """Ends the answer with its head."""
    ended = False

    async def send_head(message: Message) -> None:
        nonlocal ended
        if ended:
            return
        await send(message)
        if message["type"] == "http.response.start":
            ended = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_head
