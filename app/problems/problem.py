"""RFC 9457 problem documents: the one form in which this server says that something went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.problems.faults import parameter_detail, parameter_fault
from app.problems.faults import shown as shown
from app.problems.reasons import REASONS
from hwcore.errors import InvalidInput

MEDIA_TYPE = "application/problem+json"

Responses = dict[int | str, dict[str, Any]]
"""The `responses` of a route, as FastAPI takes them."""

RETRY_AFTER = "5"
"""Seconds after which a server that is not ready, or full, may be asked again."""


class ProblemFault(BaseModel):
    """One fault of a document or of a parameter."""

    # Its name in the OpenAPI document, which is a promise; in Python `ProblemError` is what the client raises.
    __qualname__ = "ProblemError"
    model_config = ConfigDict(extra="allow", title="ProblemError")

    pointer: str | None = Field(None, description="where in the body (RFC 6901), e.g. /hardware/cell/levels")
    parameter: str | None = Field(None, description="which query parameter, where the fault is not in the body")
    message: str = Field(description="what is wrong")
    got: str = Field(description="what came")
    allowed: str = Field(description="what is allowed")


class ProblemDocument(BaseModel):
    """A problem as it is sent, with the media type application/problem+json."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="URN of the reason, e.g. urn:mho:problem:job-not-found")
    title: str = Field(description="the same few words for every problem of this type")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what happened this time, and what to do")
    reason: str = Field(description="stable upper-case name from the closed list in docs/reference/problems.md")
    errors: list[ProblemFault] | None = Field(None, description="every fault of the document or the parameters")


class Problem(Exception):
    """Ends a request with a problem.

    Args:
        reason: a name of `REASONS`.
        detail: the value that came, the values that are allowed, and the remedy.
        headers: headers that go with it.
        extra: further members of the document, e.g. `state="running"`.
    """

    def __init__(self, reason: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.headers = headers
        self.extra = extra


@contextmanager
def faults_of_parameters() -> Iterator[None]:
    """Turn faults of a document into faults of the request's query, inside a `with` block.

    Raises:
        Problem: INVALID_PARAMETER, with every fault.
    """
    try:
        yield
    except InvalidInput as error:
        faults = [parameter_fault(f.path, f.message, f.got, f.allowed) for f in error.faults]
        raise Problem("INVALID_PARAMETER", parameter_detail(faults), errors=faults) from error


def problem_type(reason: str) -> str:
    """The URN of a reason: `JOB_NOT_FOUND` is `urn:mho:problem:job-not-found`."""
    return "urn:mho:problem:" + reason.lower().replace("_", "-")


def problem_document(reason: str, detail: str, status: int | None = None, **extra: Any) -> dict[str, Any]:
    """The members of a problem.

    Args:
        reason: a name of `REASONS`.
        detail: what happened this time.
        status: where it differs from the table's, e.g. the 431 of a header that is too long.
        extra: further members.

    Returns:
        The JSON object.
    """
    row = REASONS[reason]
    return {
        "type": problem_type(reason),
        "title": row.title,
        "status": row.status if status is None else status,
        "detail": detail,
        "reason": reason,
        **extra,
    }


def problem_response(
    reason: str, detail: str, *, status: int | None = None, headers: Mapping[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """A problem as a response. Arguments as for `problem_document`."""
    content = problem_document(reason, detail, status, **extra)
    kept = {
        key: value for key, value in (headers or {}).items() if key.lower() not in ("content-type", "content-length")
    }
    if content["status"] in (429, 503):
        kept.setdefault("Retry-After", RETRY_AFTER)
    return JSONResponse(
        content,
        status_code=content["status"],
        media_type=MEDIA_TYPE,
        headers={**kept, "Cache-Control": "no-store"},
    )


def problem_schema(status: int, reasons: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of a problem that has this status and one of these reasons."""
    narrowed = {"status": {"const": status}, "reason": {"enum": list(reasons)}}
    return {"allOf": [{"$ref": "#/components/schemas/ProblemDocument"}, {"properties": narrowed}]}


def problem_responses(*reasons: str) -> Responses:
    """The `responses` of a route that can end with these reasons, for the OpenAPI document."""
    by_status: dict[int, list[str]] = {}
    for reason in reasons:
        by_status.setdefault(REASONS[reason].status, []).append(reason)
    return {
        status: {
            "description": "; ".join(f"{name}: {REASONS[name].title}" for name in names),
            "content": {MEDIA_TYPE: {"schema": problem_schema(status, names)}},
        }
        for status, names in sorted(by_status.items())
    }
