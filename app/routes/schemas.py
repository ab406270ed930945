"""`/v1/schemas`: the JSON Schemas of what can be posted."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.operations.table import GET_SCHEMA, LIST_SCHEMAS
from app.problems.problem import Problem, Responses, problem_responses, shown
from app.requests.dependencies import Linked
from app.routes.route import Router
from hwcore.spec import SCHEMA_NAMES, json_schema

router = Router(tags=["schemas"])

MEDIA_TYPE = "application/schema+json"


ANSWERS: Responses = {200: {"description": "The schema", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}}
"""Answers with a schema when all is well."""


class SchemaLink(BaseModel):
    """One schema in the list."""

    name: str = Field(description="name of the schema")
    href: str = Field(description="the schema itself")


class SchemaList(BaseModel):
    """Every schema."""

    schemas: list[SchemaLink]


@router.operation(LIST_SCHEMAS, summary="List the JSON Schemas")
def list_schemas(links: Linked) -> SchemaList:
    """The names of the schemas."""
    return SchemaList(schemas=[SchemaLink(name=name, href=links.schema(name)) for name in SCHEMA_NAMES])


@router.operation(
    GET_SCHEMA,
    summary="One JSON Schema",
    response_class=JSONResponse,
    responses=ANSWERS | problem_responses("SCHEMA_NOT_FOUND"),
)
def get_schema(name: str) -> JSONResponse:
    """Every field with its description, unit and bounds (JSON Schema 2020-12)."""
    if name not in SCHEMA_NAMES:
        raise Problem("SCHEMA_NOT_FOUND", f"got {shown(name)}; allowed: {', '.join(SCHEMA_NAMES)}.")
    return JSONResponse(json_schema(name), media_type=MEDIA_TYPE)
