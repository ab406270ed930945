"""An operation of the service: a method on a path, with all that the parts of the server have to know of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from starlette.routing import compile_path
from starlette.types import Scope as Request

from worker.contract import Scope

Schema = dict[str, Any]
"""A JSON Schema."""

Value = TypeVar("Value")

OPEN = None
"""Scope of an operation for everybody: it says nothing of any job."""


@dataclass(frozen=True)
class Body:
    """Body of a request that a route reads by itself, so that the framework cannot describe it.

    Args:
        media_types: with which it may be declared.
        schema: makes its JSON Schema.
        example: a body that can be sent as it stands; None for none.
    """

    media_types: tuple[str, ...]
    schema: Callable[[], Schema]
    example: Schema | None = None


@dataclass(frozen=True)
class Operation:
    """A method on a path. Two operations are equal where both are.

    Args:
        method: in upper case. HEAD is answered wherever GET is, and is no operation of its own.
        path: the template of the path, as the framework reads it, e.g. "/v1/jobs/{job_id}".
        scope: what a token needs; OPEN for everybody.
        body: what the route reads by itself; None where it reads none, or the framework does.
        makes: name that paths give to the `id` in the answer, e.g. "job_id"; empty where nothing is made.
    """

    method: str
    path: str
    scope: Scope | None = field(compare=False)
    body: Body | None = field(default=None, compare=False)
    makes: str = field(default="", compare=False)

    @property
    def template(self) -> str:
        """The path as the OpenAPI document has it: without the kinds of its parameters."""
        return re.sub(r":\w+}", "}", self.path)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return compile_path(self.path)[0]

    def takes(self, request: Request) -> bool:
        """Tell whether a request is for this operation; HEAD is for that of GET.

        Args:
            request: an ASGI scope of the type "http".
        """
        method = "GET" if request["method"] == "HEAD" else request["method"]
        return method == self.method and self._pattern.match(request["path"]) is not None


def value_for(request: Request, values: Mapping[Operation, Value], otherwise: Value) -> Value:
    """Return the value of the operation that takes a request.

    Args:
        request: an ASGI scope of the type "http".
        values: by operation.
        otherwise: where none of them takes the request.
    """
    return next((value for operation, value in values.items() if operation.takes(request)), otherwise)
