"""Exception handlers: they turn every error of the packages below into a problem.

`hwcore` and `worker.contract` raise `MhoError`s that know a reason and no status; the table in `app.problems.reasons`
gives the status, this file installs the handlers.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from app.problems.faults import fault_document, parameter_detail, parameter_fault
from app.problems.problem import Problem, problem_response, shown
from app.problems.reasons import REASONS
from hwcore.errors import InvalidInput, MhoError

log = logging.getLogger("mho.app")

REASON_OF_STATUS = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    416: "RANGE_NOT_SATISFIABLE",
}
"""The reason of an error that the framework raised, by its status; the rest are BAD_REQUEST and INTERNAL."""


def install_error_handlers(app: FastAPI) -> None:
    """Make every exception that a route can raise end in a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(MhoError, _mho_error)
    app.add_exception_handler(RequestValidationError, _invalid_parameters)
    app.add_exception_handler(HTTPException, _http_exception)


def internal_problem(error: BaseException, where: str) -> JSONResponse:
    """Log an unexpected error under a fresh id and answer with that id alone."""
    error_id = uuid.uuid4().hex[:12]
    log.error("error %s in %s", error_id, where, exc_info=error)
    return problem_response(
        "INTERNAL",
        f"The server failed on this request; its log has the details under the id {error_id}.",
        instance=f"urn:mho:error:{error_id}",
    )


def problem_of_status(status: int, detail: str | None, headers: dict[str, str] | None = None) -> JSONResponse:
    """The problem for an error of the framework, which knows only a status and a few words."""
    reason = REASON_OF_STATUS.get(status, "INTERNAL" if status >= 500 else "BAD_REQUEST")
    return problem_response(reason, detail or REASONS[reason].meaning, status=status, headers=headers)


def _problem(request: Request, error: Exception) -> JSONResponse:
    """A problem raised by a route."""
    if not isinstance(error, Problem):
        raise error
    return problem_response(error.reason, error.detail, headers=error.headers, **error.extra)


def _mho_error(request: Request, error: Exception) -> JSONResponse:
    """An error of hwcore or of the contract: its reason decides; one without a row is a fault of the server."""
    if not isinstance(error, MhoError):
        raise error
    if error.reason not in REASONS:
        return internal_problem(error, f"{request.method} {request.url.path}")
    if REASONS[error.reason].status >= 500:
        log.warning("%s in %s %s: %s", error.reason, request.method, request.url.path, error)
    extra: dict[str, Any] = {}
    if isinstance(error, InvalidInput):
        extra["errors"] = [fault_document(fault) for fault in error.faults]
    return problem_response(error.reason, str(error), **extra)


def _invalid_parameters(request: Request, error: Exception) -> JSONResponse:
    """Answer with the query parameters that pydantic refused, each with its value and those allowed."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [_parameter_fault(entry) for entry in error.errors()]
    return problem_response("INVALID_PARAMETER", parameter_detail(faults), errors=faults)


def _parameter_fault(entry: dict[str, Any]) -> dict[str, str]:
    """One entry of pydantic's list in the words of this project."""
    # A number in it counts the repetitions of one parameter.
    name = ".".join(str(part) for part in entry["loc"][1:] if not isinstance(part, int))
    context = entry.get("ctx") or {}
    if entry["type"] == "extra_forbidden":
        return parameter_fault(name, "no such parameter", shown(str(entry["input"])), "the documented parameters")
    allowed = {
        "int_parsing": "a whole number",
        "greater_than_equal": f"at least {context.get('ge')}",
        "less_than_equal": f"at most {context.get('le')}",
        "enum": str(context.get("expected")),
        "literal_error": str(context.get("expected")),
        "value_error": str(context.get("error", entry["msg"])).rpartition("allowed: ")[2],
    }.get(entry["type"], str(entry["msg"]))
    return parameter_fault(name, str(entry["msg"]), shown(str(entry["input"])), allowed)


def _http_exception(request: Request, error: Exception) -> JSONResponse:
    """An error that the framework raised: unknown path, wrong method, a body over the limit."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    detail: str | None = None
    if error.status_code == 404:
        target = f"{request.method} {shown(request.url.path)}"
        detail = f"{target}: no such path; /docs shows all of them, /openapi.json lists them."
    elif error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_allowed_methods(request)))
        detail = f"{shown(request.url.path)} does not know {shown(request.method)}; allowed: {headers['Allow']}."
    elif error.status_code != 422:
        detail = str(error.detail)
    return problem_of_status(error.status_code, detail, headers)


def _allowed_methods(request: Request) -> set[str]:
    """Every method that some route has for this path."""
    methods: set[str] = set()
    routes: list[BaseRoute] = list(request.app.routes)
    for route in routes:
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
            match, _ = route.matches({**request.scope, "method": method})
            if match is Match.FULL:
                methods.add(method)
    return methods
