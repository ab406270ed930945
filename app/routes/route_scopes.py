"""What a token needs for each route, in one table; a route that is not in it is for administrators alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Scope as Request

from worker.contract import Scope

OPEN = None
"""For everybody: these say nothing of any job."""

ROUTE_SCOPES: Mapping[tuple[str, str], Scope | None] = MappingProxyType(
    {
        ("POST", "/v1/jobs"): Scope.SUBMIT,
        ("GET", "/v1/jobs"): Scope.READ,
        ("GET", "/v1/jobs/{job_id}"): Scope.READ,
        ("DELETE", "/v1/jobs/{job_id}"): Scope.SUBMIT,
        ("POST", "/v1/jobs/{job_id}/cancel"): Scope.SUBMIT,
        ("GET", "/v1/jobs/{job_id}/events"): Scope.READ,
        ("GET", "/v1/jobs/{job_id}/artifacts"): Scope.READ,
        ("GET", "/v1/jobs/{job_id}/artifacts.zip"): Scope.READ,
        ("GET", "/v1/jobs/{job_id}/artifacts/{name:path}"): Scope.READ,
        ("GET", "/v1/jobs/{job_id}/conductances"): Scope.READ,
        ("GET", "/v1/jobs/{job_id}/conductances/{layer}"): Scope.READ,
        ("POST", "/v1/datasets"): Scope.SUBMIT,
        ("GET", "/v1/datasets"): Scope.READ,
        ("GET", "/v1/datasets/{dataset_id}"): Scope.READ,
        ("DELETE", "/v1/datasets/{dataset_id}"): Scope.SUBMIT,
        ("GET", "/v1/hardware"): Scope.READ,
        ("GET", "/v1/hardware/{name}"): Scope.READ,
        # Computes, but keeps nothing.
        ("POST", "/v1/hardware:resolve"): Scope.READ,
        ("GET", "/v1/schemas"): Scope.READ,
        ("GET", "/v1/schemas/{name}"): Scope.READ,
        # Of all jobs together, and of no single one.
        ("GET", "/metrics"): Scope.READ,
        # Probes carry no tokens.
        ("GET", "/healthz"): OPEN,
        ("GET", "/readyz"): OPEN,
        # The same for every server of this version.
        ("GET", "/openapi.json"): OPEN,
        ("GET", "/"): OPEN,
        ("GET", "/docs"): OPEN,
        ("GET", "/docs/{name}"): OPEN,
    }
)
"""The scope by method and path; HEAD needs what GET does."""

_STRENGTH = {OPEN: 0, Scope.READ: 1, Scope.SUBMIT: 2, Scope.ADMIN: 3}
_PATTERNS: tuple[tuple[str, re.Pattern[str], Scope | None], ...] = tuple(
    (method, compile_path(path)[0], needed) for (method, path), needed in ROUTE_SCOPES.items()
)


def needed_scope(request: Request, routes: Iterable[BaseRoute]) -> Scope | None:
    """What a request needs.

    Args:
        request: the ASGI scope.
        routes: those of the application.

    Returns:
        The scope of the table, the strongest where several rows match; OPEN; ADMIN where the application has a route
        that the table forgot; READ where it has none either, and then the answer is a 404 or a 405.
    """
    method = "GET" if request["method"] == "HEAD" else request["method"]
    found = [needed for row, pattern, needed in _PATTERNS if row == method and pattern.match(request["path"])]
    if found:
        return max(found, key=_STRENGTH.__getitem__)
    forgotten = any(route.matches(request)[0] is Match.FULL for route in routes)
    return Scope.ADMIN if forgotten else Scope.READ
