"""Arguments of routes: the services of the application, the caller, and a body that has been checked.

All of it is async though most of it waits for nothing: the framework sends every other function through a thread, which
takes longer than these do.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from app.answers.links import Links
from app.asgi.access_guard import CALLER
from app.requests.declared_body import DeclaredBody
from app.services.event_hub import EventHub
from app.services.metrics import Metrics
from app.services.services import Services, services_of
from app.uploads.kinds import DATASET
from app.uploads.upload_kind import UploadKind
from worker.contract import BlobStore, Caller, JobStore, Publisher, Settings, UploadStore


async def _services(request: Request) -> Services:
    """Services of the application; the stores among them show every caller's things."""
    return services_of(request.app)


async def _settings(request: Request) -> Settings:
    """Settings of the application."""
    return services_of(request.app).settings


async def _caller(request: Request) -> Caller:
    """Caller, as the access guard found; without the guard there is nobody, and that is an error."""
    caller: Caller = getattr(request.state, CALLER)
    return caller


async def _job_store(request: Request) -> JobStore:
    """Job store without the jobs that the caller may not see."""
    return services_of(request.app).jobs.seen_by(await _caller(request))


async def _blob_store(request: Request) -> BlobStore:
    """Blob store of the application."""
    return services_of(request.app).blobs


@functools.cache
def store_of(kind: UploadKind) -> Callable[[Request], Awaitable[UploadStore]]:
    """Make what gives a route the uploads of a kind, without those that the caller may not see."""

    async def store(request: Request) -> UploadStore:
        return services_of(request.app).uploads[kind.name].seen_by(await _caller(request))

    return store


async def _links(request: Request) -> Links:
    """Paths of this server as they are written in answers."""
    return services_of(request.app).links


async def _publisher(request: Request) -> Publisher:
    """Publisher, which tells the workers of queued jobs."""
    return services_of(request.app).publisher


async def _event_hub(request: Request) -> EventHub:
    """Hub that gives the events of jobs to all who follow them."""
    return services_of(request.app).events


async def _metrics(request: Request) -> Metrics:
    """Figures for Prometheus."""
    return services_of(request.app).metrics


async def _checkers(request: Request) -> asyncio.Semaphore:
    """Permits to check an upload."""
    return services_of(request.app).checkers


async def _json_body(request: Request) -> bytes:
    """Return the body as it came; it is refused before it is read where it is not declared as JSON.

    Raises:
        Problem: UNSUPPORTED_MEDIA_TYPE. A body over the limit ends in the framework's own error.
    """
    body = DeclaredBody.of(request)
    if (body.media_type, body.charset, body.encoding) != ("application/json", "utf-8", "identity"):
        raise body.refusal("Content-Type: application/json, in UTF-8 and not compressed")
    return await request.body()


AppServices = Annotated[Services, Depends(_services)]
AppSettings = Annotated[Settings, Depends(_settings)]
AskedBy = Annotated[Caller, Depends(_caller)]
Jobs = Annotated[JobStore, Depends(_job_store)]
Datasets = Annotated[UploadStore, Depends(store_of(DATASET))]
Linked = Annotated[Links, Depends(_links)]
JobPublisher = Annotated[Publisher, Depends(_publisher)]
Blobs = Annotated[BlobStore, Depends(_blob_store)]
Hub = Annotated[EventHub, Depends(_event_hub)]
Figures = Annotated[Metrics, Depends(_metrics)]
Checkers = Annotated[asyncio.Semaphore, Depends(_checkers)]
JsonBody = Annotated[bytes, Depends(_json_body)]
