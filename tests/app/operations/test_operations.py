"""Every route is an operation of the table, every operation a route; other routes are for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount

from app.main import ROUTERS, create_app
from app.operations.needed_scope import needed_scope
from app.operations.operation import OPEN, Operation, value_for
from app.operations.table import OPERATIONS, UPLOAD_OPERATIONS
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


TABLE = {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_route_is_an_operation(application: FastAPI) -> None:
    missing = every_route(application) - TABLE
    assert not missing, f"app/operations/table.py has no row for {sorted(missing)}"


def test_every_operation_is_a_route(application: FastAPI) -> None:
    stale = TABLE - every_route(application)
    assert not stale, f"app/operations/table.py has rows for routes that are gone: {sorted(stale)}"


def test_an_operation_stands_in_the_table_once() -> None:
    assert len(OPERATIONS) == len(set(OPERATIONS)) == len(TABLE)


def request_for(method: str, path: str) -> dict[str, str]:
    return {"type": "http", "method": method, "path": path}


@pytest.mark.parametrize(
    ("method", "path", "taken"),
    [
        ("GET", "/v1/jobs/7", True),
        ("HEAD", "/v1/jobs/7", True),
        ("POST", "/v1/jobs/7", False),
        ("GET", "/v1/jobs", False),
        ("GET", "/v1/jobs/7/events", False),
    ],
)
def test_an_operation_takes_its_method_and_path(method: str, path: str, taken: bool) -> None:
    assert Operation("GET", "/v1/jobs/{job_id}", OPEN).takes(request_for(method, path)) is taken


def test_a_value_is_that_of_the_operation_or_the_other_one() -> None:
    values = {UPLOAD_OPERATIONS["dataset"].post: "large"}
    assert value_for(request_for("POST", "/v1/datasets"), values, "small") == "large"
    assert value_for(request_for("GET", "/v1/datasets"), values, "small") == "small"
    assert value_for(request_for("POST", "/v1/datasets/7"), values, "small") == "small"


def test_the_kind_of_a_parameter_is_not_in_the_template() -> None:
    assert Operation("GET", "/a/{job_id}/b/{name:path}", OPEN).template == "/a/{job_id}/b/{name}"


def test_the_document_says_the_same(application: FastAPI) -> None:
    document = application.openapi()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    scopes = {(operation.method, operation.template): operation.scope for operation in OPERATIONS}
    guarded = 0
    for path, descriptions in document["paths"].items():
        for method, description in descriptions.items():
            needed = scopes["GET" if method == "head" else method.upper(), path]
            if needed is OPEN:
                assert "security" not in description, path
                continue
            guarded += 1
            assert description["security"] == [{"token": [needed.value]}, {}]
            assert {"401", "403", "429"} <= set(description["responses"])
            assert method == "head" or f"`{needed.value}`" in description["description"]
    assert guarded >= 14


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
