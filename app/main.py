"""The FastAPI application. Starts without torch; the worker does the science."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app.answers.event_hub import EventHub
from app.answers.links import Links
from app.answers.metrics import Metrics
from app.asgi.access_guard import AccessGuard
from app.asgi.body_limit import BodyLimit
from app.asgi.body_timeout import BodyTimeout
from app.asgi.host_guard import HostGuard
from app.asgi.problem_guard import ProblemGuard
from app.asgi.rate_limit import RateLimit
from app.asgi.request_log import RequestLog
from app.asgi.request_metrics import RequestMetrics
from app.asgi.root_path import RootPath
from app.asgi.security_headers import SecurityHeaders
from app.asgi.single_headers import SingleHeaders
from app.problems.errors import install_error_handlers
from app.requests.dataset_upload import upload_places
from app.routes import (
    artifacts,
    conductances,
    datasets,
    docs,
    events,
    hardware,
    health,
    index,
    jobs,
    metrics,
    schemas,
)
from app.routes.openapi import install_openapi
from worker.contract import (
    BlobStore,
    BlobStoreUnavailable,
    Database,
    DatasetStore,
    JobStore,
    Publisher,
    Reconciler,
    Settings,
    TokenStore,
    upgrade,
)

log = logging.getLogger("mho.app")

UPLOADS_JUDGED_AT_ONCE = 2

ROUTERS = (
    jobs.router,
    events.router,
    artifacts.router,
    conductances.router,
    datasets.router,
    hardware.router,
    schemas.router,
    health.router,
    docs.router,
    index.router,
    metrics.router,
)


def create_app(
    settings: Settings, hosts: Collection[str] | None = None, checks: Mapping[str, Callable[[], None]] | None = None
) -> FastAPI:
    """The application for these settings.

    Its lifespan brings the database up to date and runs the reconciler, which hands over what the broker lost.

    Args:
        settings: where database, broker and artifacts are, and the limits.
        hosts: the names under which the server may be called; None where something in front of it sees to that.
        checks: further dependencies for `/readyz`, by name; each raises where the dependency is missing.

    Returns:
        The ASGI application. FastAPI's own pages are off, as they load scripts from other hosts; `/docs` is another.
    """
    app = FastAPI(
        title="mho",
        version=version("mho"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.links = Links(settings.root_path)
    app.state.checks = dict(checks or {})
    database = Database(settings.database_url)
    app.state.jobs = JobStore(
        database,
        max_queued_jobs=settings.max_queued_jobs,
        max_queued_jobs_per_token=settings.max_queued_jobs_per_token,
        max_stored_bytes=settings.max_stored_bytes,
    )
    app.state.publisher = Publisher(settings)
    app.state.tokens = TokenStore(database)
    app.state.events = EventHub(app.state.jobs, app.state.tokens)
    app.state.reconciler = Reconciler(app.state.jobs, settings)
    app.state.blobs = BlobStore(settings.artifacts_url)
    app.state.metrics = Metrics(settings, app.state.jobs, app.state.blobs, app.state.reconciler, app.state.events)
    app.state.datasets = DatasetStore(database, max_stored_bytes=settings.max_stored_bytes)
    app.state.uploads = upload_places()
    app.state.judges = asyncio.Semaphore(UPLOADS_JUDGED_AT_ONCE)
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    install_openapi(app)
    # The last one added is the outermost.
    upload = ("POST", "/v1/datasets")
    slow = {upload: (settings.upload_seconds, "MHO_UPLOAD_SECONDS")}
    app.add_middleware(BodyTimeout, seconds=settings.body_seconds, longer=slow)
    large = {upload: (settings.max_dataset_bytes, "MHO_MAX_DATASET_BYTES")}
    app.add_middleware(BodyLimit, most=settings.max_body_bytes, larger=large)
    rate = RateLimit(settings.rate_per_second, settings.rate_burst)
    app.add_middleware(AccessGuard, tokens=app.state.tokens, access=settings.access, rate=rate)
    app.add_middleware(SingleHeaders)
    app.add_middleware(ProblemGuard)
    if hosts is not None:
        app.add_middleware(HostGuard, hosts=hosts)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, requests=app.state.metrics.requests)
    app.add_middleware(RequestLog)
    if settings.root_path:
        app.add_middleware(RootPath, root=settings.root_path)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Migrate the database, then keep the reconciler running while the server does."""
    settings: Settings = app.state.settings
    await run_in_threadpool(upgrade, settings.database_url)
    try:
        await run_in_threadpool(app.state.blobs.prepare)
    except BlobStoreUnavailable as error:
        # The server is of use without it, and /readyz says what is missing.
        log.error("%s", error)
    reconciler: Reconciler = app.state.reconciler
    reconciler.start()
    try:
        yield
    finally:
        app.state.events.close()
        await run_in_threadpool(reconciler.stop)
        app.state.publisher.close()
        # The other stores share its connections.
        app.state.jobs.close()
