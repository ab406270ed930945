"""The scope that a token needs for a request."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match
from starlette.types import Scope as Request

from app.operations.operation import OPEN
from app.operations.table import OPERATIONS
from worker.contract import Scope

_STRENGTH = {OPEN: 0, Scope.READ: 1, Scope.SUBMIT: 2, Scope.ADMIN: 3}


def needed_scope(request: Request, routes: Iterable[BaseRoute]) -> Scope | None:
    """Return the scope that a request needs.

    Args:
        request: the ASGI scope.
        routes: those of the application.

    Returns:
        The scope of the operation, the strongest where several take the request; OPEN; ADMIN where the application has
        a route that the table lacks; READ where it has none either, and then the answer is a 404 or a 405.
    """
    scopes = [operation.scope for operation in OPERATIONS if operation.takes(request)]
    if scopes:
        return max(scopes, key=_STRENGTH.__getitem__)
    undeclared = any(route.matches(request)[0] is Match.FULL for route in routes)
    return Scope.ADMIN if undeclared else Scope.READ
