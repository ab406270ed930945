"""`/`: paths of everything, for a client that knows only the address of the server."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from pydantic import BaseModel, Field

from app.operations.table import GET_INDEX
from app.requests.dependencies import Linked
from app.routes.route import Router

router = Router(tags=["health"])


class IndexLinks(BaseModel):
    """Where to go from here."""

    docs: str = Field(description="every call as a page for people")
    openapi: str = Field(description="every call as an OpenAPI document")
    schemas: str = Field(description="JSON Schemas of what can be posted")
    hardware: str = Field(description="the hardware presets")
    jobs: str = Field(description="post jobs here, or list them")
    datasets: str = Field(description="post data of your own here, or list them")
    health: str = Field(description="whether the server is alive")
    readiness: str = Field(description="whether it can work")
    metrics: str = Field(description="its figures, for Prometheus")


class Index(BaseModel):
    """What this server is, and where its things are."""

    name: Literal["mho"] = Field(description="always mho")
    version: str = Field(description="version of mho")
    links: IndexLinks


@router.operation(GET_INDEX, summary="Where things are")
async def index(request: Request, links: Linked) -> Index:
    """Name, version, and where the documentation and the things of this server are."""
    version: str = request.app.version
    return Index(
        name="mho",
        version=version,
        links=IndexLinks(
            docs=links.to("/docs"),
            openapi=links.to("/openapi.json"),
            schemas=links.to("/v1/schemas"),
            hardware=links.to("/v1/hardware"),
            jobs=links.to("/v1/jobs"),
            datasets=links.to("/v1/datasets"),
            health=links.to("/healthz"),
            readiness=links.to("/readyz"),
            metrics=links.to("/metrics"),
        ),
    )
