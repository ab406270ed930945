"""The OpenAPI document: bodies as `hwcore.spec` publishes them, a problem for every error."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.operations.operation import OPEN, Body, Schema
from app.operations.table import OPERATIONS
from app.problems.problem import MEDIA_TYPE, ProblemDocument, problem_responses
from app.services.services import services_of
from worker.contract import Scope

DESCRIPTION = (
    "mho compiles neural networks to conductances: post a hardware description and the name of a dataset, get back a "
    "network trained for that hardware and the conductance of every cell. Units are SI. Every error is a problem "
    "document (RFC 9457) with a stable `reason`."
)

TOKEN: Schema = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token as `mho token create` prints it. Scopes: `read`; `submit`, which includes `read`; `admin`, "
    "which includes both and everybody's jobs. A server on loopback for which no token was ever made needs none.",
}
"""Security scheme: a bearer token."""

ACCESS_REASONS = ("TOKEN_REQUIRED", "TOKEN_INVALID", "SCOPE_MISSING", "RATE_LIMITED", "STORE_UNAVAILABLE")
"""Reasons for which a request that needs a scope can end before its route sees it."""

ANYWHERE = ("BAD_REQUEST", "BODY_TOO_LARGE", "HOST_NOT_ALLOWED", "RATE_LIMITED", "INTERNAL")
"""Reasons for which a request to any route can end."""

UNUSED = ("HTTPValidationError", "ValidationError")
"""Schemas of the framework's own answer to faulty parameters, which this server never sends."""


def install_openapi(app: FastAPI) -> None:
    """Make `app.openapi()` the document of this module, computed at the first call."""

    def openapi() -> Schema:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> Schema:
    """The document for the routes of `app`."""
    document = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=app.openapi_tags
    )
    services = services_of(app)
    root = services.links.root
    if root:
        document["servers"] = [{"url": root}]
    components: Schema = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in UNUSED:
        components.pop(unused, None)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _remove_unused(operation["responses"])
            _remove_nulls(operation.get("parameters", []))
            # A name with a slash in it, even an encoded one, makes another path, which nothing may have.
            _add_reasons(operation["responses"], *ANYWHERE, *(("NOT_FOUND",) if "{" in path else ()))
    described = [
        (operation, document["paths"][operation.template][operation.method.lower()])
        for operation in OPERATIONS
        if operation.template in document["paths"]
    ]
    for operation, description in described:
        if operation.scope is not OPEN:
            _declare_scope(description, operation.scope, optional=services.settings.access != "tokens")
    document["components"]["securitySchemes"] = {"token": TOKEN}
    components["ProblemDocument"] = _lifted(ProblemDocument.model_json_schema(), components)
    for operation, description in described:
        if operation.body is not None:
            description["requestBody"] = _request_body(operation.body, components)
            _add_reasons(description["responses"], "REQUEST_TIMEOUT")
        if operation.makes:
            _link(description, document["paths"], operation.makes)
    for path, operations in document["paths"].items():
        if "get" in operations:
            document["paths"][path] = {**operations, "head": _head_of(operations["get"])}
    return document


def _request_body(body: Body, components: Schema) -> Schema:
    """Describe a body that a route reads by itself."""
    media = {"schema": _lifted(body.schema(), components)}
    if body.example is not None:
        media["example"] = body.example
    return {"required": True, "content": dict.fromkeys(body.media_types, media)}


def _link(description: Schema, paths: Schema, name: str) -> None:
    """Lead from the answers of an operation that makes something to every operation that takes its id."""
    for status, response in description["responses"].items():
        if status.startswith("2"):
            response["links"] = _links_to(paths, name)


def _links_to(paths: Schema, name: str) -> Schema:
    """Every operation that takes the id of what was made, by its own name."""
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "description": operation["summary"],
            "parameters": {name: "$response.body#/id"},
        }
        for path, operations in paths.items()
        for operation in operations.values()
        if f"{{{name}}}" in path
    }


def _head_of(operation: Schema) -> Schema:
    """Describe HEAD where GET is this operation: the same answers without a body; `app.routes.route` sees to that."""
    return {
        **{name: operation[name] for name in ("tags", "parameters", "security") if name in operation},
        "summary": f"{operation['summary']} (headers alone)",
        "operationId": f"{operation['operationId']}_head",
        "responses": {
            status: {"description": response["description"]} for status, response in operation["responses"].items()
        },
    }


def _declare_scope(operation: Schema, scope: Scope, *, optional: bool) -> None:
    """Say which scope the operation needs, and how it ends without; `optional` where the server may have no tokens."""
    needed: list[Schema] = [{"token": [scope.value]}]
    operation["security"] = [*needed, {}] if optional else needed
    operation["description"] = f"{operation.get('description', '')}\n\nNeeds the scope `{scope.value}`.".strip()
    _add_reasons(operation["responses"], *ACCESS_REASONS)


def _remove_unused(responses: Schema) -> None:
    """Take out the framework's own 422, which this server never sends."""
    for status, response in list(responses.items()):
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").rpartition("/")[2] in UNUSED:
            del responses[status]


def _remove_nulls(parameters: list[Schema]) -> None:
    """Take out that a parameter may be null: it is left out, or it is text, and `null` is no value of it."""
    for parameter in parameters:
        schema = parameter["schema"]
        kinds = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
        if len(kinds) == 1:
            parameter["schema"] = {**{key: value for key, value in schema.items() if key != "anyOf"}, **kinds[0]}


def _add_reasons(responses: Schema, *reasons: str) -> None:
    """Declare further reasons beside those that are declared."""
    declared = [name for response in responses.values() for name in _reasons_of(response)]
    for status, response in problem_responses(*dict.fromkeys((*declared, *reasons))).items():
        responses[str(status)] = response


def _reasons_of(response: Schema) -> list[str]:
    """The reasons that a response declares."""
    parts = response.get("content", {}).get(MEDIA_TYPE, {}).get("schema", {}).get("allOf", [])
    return [name for part in parts for name in part.get("properties", {}).get("reason", {}).get("enum", [])]


def _lifted(schema: Schema, components: Schema) -> Schema:
    """The schema with its `$defs` moved into the components, where references inside an OpenAPI document point."""

    def lift(node: Any) -> Any:
        if isinstance(node, list):
            return [lift(item) for item in node]
        if not isinstance(node, dict):
            return node
        for name, definition in node.get("$defs", {}).items():
            components.setdefault(name, lift(definition))
        kept = {key: lift(value) for key, value in node.items() if key not in ("$defs", "$schema", "$id")}
        reference = kept.get("$ref")
        if isinstance(reference, str):
            kept["$ref"] = reference.replace("#/$defs/", "#/components/schemas/")
        mapping = kept.get("discriminator", {}).get("mapping") if isinstance(kept.get("discriminator"), dict) else None
        if mapping:
            kept["discriminator"]["mapping"] = {
                key: value.replace("#/$defs/", "#/components/schemas/") for key, value in mapping.items()
            }
        return kept

    lifted: Schema = lift(copy.deepcopy(schema))
    return lifted
