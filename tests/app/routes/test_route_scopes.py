"""Every route has a row in the table of scopes, every row a route, and what was forgotten is for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from app.main import ROUTERS, create_app
from app.routes.route_scopes import OPEN, ROUTE_SCOPES, needed_scope
from tests.app.live_server import settings_for
from worker.contract import Scope


@pytest.fixture
def application(tmp_path: Path) -> FastAPI:
    return create_app(settings_for(tmp_path))


def walked(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of every route; a route without methods, and any kind that is not known here, counts as ANY."""
    for route in routes:
        if type(route).__name__ == "_IncludedRouter":
            continue
        path = getattr(route, "path", "?") + ("/{path:path}" if isinstance(route, Mount) else "")
        for method in (getattr(route, "methods", None) or {"ANY"}) - {"HEAD"}:
            yield method, path


def every_route(application: FastAPI) -> set[tuple[str, str]]:
    found = set(walked(application.routes))
    for router in ROUTERS:
        found |= set(walked(router.routes))
    return found


def test_every_route_declares_its_scope(application: FastAPI) -> None:
    missing = every_route(application) - set(ROUTE_SCOPES)
    assert not missing, f"app/routes/route_scopes.py has no row for {sorted(missing)}"


def test_every_row_is_a_route(application: FastAPI) -> None:
    stale = set(ROUTE_SCOPES) - every_route(application)
    assert not stale, f"app/routes/route_scopes.py has rows for routes that are gone: {sorted(stale)}"


def test_the_document_says_the_same(application: FastAPI) -> None:
    document = application.openapi()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    told = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            asked = "GET" if method == "head" else method.upper()
            rows = [ROUTE_SCOPES.get((asked, each)) for each in (path, path.replace("{name}", "{name:path}"))]
            needed = next((each for each in rows if each is not OPEN), OPEN)
            if needed is OPEN:
                assert "security" not in operation, path
                continue
            told += 1
            assert operation["security"] == [{"token": [needed.value]}, {}]
            assert {"401", "403", "429"} <= set(operation["responses"])
            assert method == "head" or f"`{needed.value}`" in operation["description"]
    assert told >= 14


def test_a_server_that_always_wants_tokens_says_so(tmp_path: Path) -> None:
    document = create_app(settings_for(tmp_path, access="tokens")).openapi()
    assert document["paths"]["/v1/jobs"]["post"]["security"] == [{"token": ["submit"]}]


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/v1/jobs", Scope.READ),
        ("HEAD", "/v1/jobs/x/artifacts/plots/ladder.svg", Scope.READ),
        ("POST", "/v1/jobs", Scope.SUBMIT),
        ("GET", "/healthz", OPEN),
        # No route: any token will do to hear that.
        ("GET", "/nothing", Scope.READ),
        ("PUT", "/v1/jobs", Scope.READ),
        ("GET", "/v1/jobs/", Scope.READ),
        ("GET", "//healthz", Scope.READ),
        ("GET", "/healthz/", Scope.READ),
        # A route that the table does not know.
        ("GET", "/forgotten", Scope.ADMIN),
        ("DELETE", "/v1/schemas/forgotten", Scope.ADMIN),
        ("GET", "/mounted/anything", Scope.ADMIN),
    ],
)
def test_what_a_request_needs(application: FastAPI, method: str, path: str, needed: Scope | None) -> None:
    application.add_api_route("/forgotten", lambda: None)
    application.add_api_route("/v1/schemas/{name}", lambda name: None, methods=["DELETE"])
    application.mount("/mounted", FastAPI())
    request = {"type": "http", "method": method, "path": path, "headers": [], "root_path": ""}
    assert needed_scope(request, application.routes) is needed
