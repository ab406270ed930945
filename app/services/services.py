"""Everything that the routes of one server work with, as one value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fastapi import FastAPI

from app.answers.links import Links
from app.asgi.known_tokens import KnownTokens
from app.services.event_hub import EventHub
from app.services.metrics import Metrics
from app.services.places import Places
from app.uploads.kinds import KINDS
from worker.contract import (
    BlobStore,
    Database,
    JobStore,
    Publisher,
    Reconciler,
    Settings,
    TokenStore,
    UploadStore,
)

Checks = Mapping[str, Callable[[], None]]
"""Dependencies of a server by name; each raises where the dependency is missing."""

MOST_UPLOADS = 8
"""Uploads that one server process has on its disk at once, from the first byte of each until it is checked and kept."""

MOST_UPLOADS_OF_ONE = 4
"""Uploads with one token, among `MOST_UPLOADS`."""

UPLOADS_CHECKED_AT_ONCE = 2
"""Uploads that are checked at once: each takes a processor."""


@dataclass(frozen=True)
class Services:
    """The services of one server. The stores share the connections of one database.

    Args:
        settings: where database, broker and artifacts are, and the limits.
        links: how paths are written in answers.
        jobs: jobs with their events and artifacts, of every caller.
        uploads: uploaded files by the name of their kind, of every caller.
        tokens: access tokens.
        known: tokens that were good a moment ago.
        blobs: bytes of artifacts and datasets.
        publisher: tells the workers of queued jobs.
        reconciler: hands over what the broker lost; runs while the server does.
        events: gives the events of jobs to all who follow them.
        metrics: figures for Prometheus.
        upload_places: a place for each upload under way, of any kind.
        checkers: a permit for each upload that is being checked.
        checks: further dependencies for `/readyz`.
    """

    settings: Settings
    links: Links
    jobs: JobStore
    uploads: Mapping[str, UploadStore]
    tokens: TokenStore
    known: KnownTokens
    blobs: BlobStore
    publisher: Publisher
    reconciler: Reconciler
    events: EventHub
    metrics: Metrics
    upload_places: Places
    checkers: asyncio.Semaphore
    checks: Checks

    @classmethod
    def of(cls, settings: Settings, checks: Checks | None = None) -> Services:
        """Make the services for these settings; no connection is opened and nothing runs yet."""
        database = Database(settings.database_url)
        jobs = JobStore(
            database,
            max_queued_jobs=settings.max_queued_jobs,
            max_queued_jobs_per_token=settings.max_queued_jobs_per_token,
            max_stored_bytes=settings.max_stored_bytes,
        )
        tokens = TokenStore(database)
        blobs = BlobStore(settings.artifacts_url)
        reconciler = Reconciler(jobs, settings)
        known = KnownTokens()
        events = EventHub(jobs, tokens, known)
        return cls(
            settings=settings,
            links=Links(settings.root_path),
            jobs=jobs,
            uploads=MappingProxyType(
                {
                    kind.name: UploadStore(
                        database, kind.name, use=kind.words.use, max_stored_bytes=settings.max_stored_bytes
                    )
                    for kind in KINDS
                }
            ),
            tokens=tokens,
            known=known,
            blobs=blobs,
            publisher=Publisher(settings),
            reconciler=reconciler,
            events=events,
            metrics=Metrics(settings, jobs, blobs, reconciler, events),
            upload_places=Places(MOST_UPLOADS, MOST_UPLOADS_OF_ONE),
            checkers=asyncio.Semaphore(UPLOADS_CHECKED_AT_ONCE),
            checks=MappingProxyType(dict(checks or {})),
        )


def give_services(app: FastAPI, services: Services) -> None:
    """Keep the services with an application, for `services_of`."""
    app.state.services = services


def services_of(app: FastAPI) -> Services:
    """Return the services of an application that `app.main.create_app` made."""
    services: Services = app.state.services
    return services
