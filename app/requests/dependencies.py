"""What routes are given: the stores that the application was made with, and a body that has been checked.

All of it is async though most of it waits for nothing: the framework sends every other function through a thread, which
takes longer than these do.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Request

from app.answers.links import Links
from app.asgi.access_guard import CALLER
from app.requests.declared_body import DeclaredBody
from worker.contract import BlobStore, Caller, DatasetStore, JobStore, Publisher, Settings


async def _settings(request: Request) -> Settings:
    """The settings of the application."""
    settings: Settings = request.app.state.settings
    return settings


async def _caller(request: Request) -> Caller:
    """Who asks, as the access guard found; without the guard there is nobody, and that is an error."""
    caller: Caller = getattr(request.state, CALLER)
    return caller


async def _job_store(request: Request) -> JobStore:
    """The job store of the application, without the jobs that the caller may not see."""
    store: JobStore = request.app.state.jobs
    return store.seen_by(await _caller(request))


async def _blob_store(request: Request) -> BlobStore:
    """The blob store of the application."""
    store: BlobStore = request.app.state.blobs
    return store


async def _dataset_store(request: Request) -> DatasetStore:
    """The dataset store of the application, without the data that the caller may not see."""
    store: DatasetStore = request.app.state.datasets
    return store.seen_by(await _caller(request))


async def _links(request: Request) -> Links:
    """How the paths of this server are written in answers."""
    links: Links = request.app.state.links
    return links


async def _publisher(request: Request) -> Publisher:
    """What tells the workers of the application's jobs."""
    publisher: Publisher = request.app.state.publisher
    return publisher


async def _judges(request: Request) -> asyncio.Semaphore:
    """How many uploads may be judged at once: it takes a processor each."""
    judges: asyncio.Semaphore = request.app.state.judges
    return judges


async def _json_body(request: Request) -> bytes:
    """The body as it came, refused before it is read where it is not declared as JSON.

    Raises:
        Problem: UNSUPPORTED_MEDIA_TYPE. A body over the limit ends in the framework's own error.
    """
    body = DeclaredBody.of(request)
    if (body.media_type, body.charset, body.encoding) != ("application/json", "utf-8", "identity"):
        raise body.refusal("Content-Type: application/json, in UTF-8 and not compressed")
    return await request.body()


AppSettings = Annotated[Settings, Depends(_settings)]
AskedBy = Annotated[Caller, Depends(_caller)]
Jobs = Annotated[JobStore, Depends(_job_store)]
Datasets = Annotated[DatasetStore, Depends(_dataset_store)]
Linked = Annotated[Links, Depends(_links)]
JobPublisher = Annotated[Publisher, Depends(_publisher)]
Blobs = Annotated[BlobStore, Depends(_blob_store)]
Judges = Annotated[asyncio.Semaphore, Depends(_judges)]
JsonBody = Annotated[bytes, Depends(_json_body)]
