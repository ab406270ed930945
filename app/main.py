"""The FastAPI application. Starts without torch; the worker does the science."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

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
from app.operations.table import UPLOAD_OPERATIONS
from app.problems.errors import install_error_handlers
from app.routes import (
    artifacts,
    conductances,
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
from app.routes.uploads import upload_router
from app.services.services import Checks, Services, give_services, services_of
from app.uploads.kinds import KINDS
from worker.contract import BlobStoreUnavailable, Settings, upgrade

log = logging.getLogger("mho.app")

ROUTERS = (
    jobs.router,
    events.router,
    artifacts.router,
    conductances.router,
    *(upload_router(kind) for kind in KINDS),
    hardware.router,
    schemas.router,
    health.router,
    docs.router,
    index.router,
    metrics.router,
)


def create_app(settings: Settings, hosts: Collection[str] | None = None, checks: Checks | None = None) -> FastAPI:
    """Make the application for these settings.

    Its lifespan brings the database up to date and runs the reconciler, which hands over what the broker lost.

    Args:
        settings: where database, broker and artifacts are, and the limits.
        hosts: the names under which the server may be called; None where something in front of it sees to that.
        checks: further dependencies for `/readyz`.

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
    services = Services.of(settings, checks)
    give_services(app, services)
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    install_openapi(app)
    _add_middleware(app, services, hosts)
    return app


def _add_middleware(app: FastAPI, services: Services, hosts: Collection[str] | None) -> None:
    """Put the middleware around the routes; the last one added is the outermost."""
    settings = services.settings
    posted = {UPLOAD_OPERATIONS[kind.name].post: kind for kind in KINDS}
    slow = dict.fromkeys(posted, (settings.upload_seconds, "MHO_UPLOAD_SECONDS"))
    app.add_middleware(BodyTimeout, seconds=settings.body_seconds, longer=slow)
    large = {operation: (kind.most_bytes(settings), kind.size_variable) for operation, kind in posted.items()}
    app.add_middleware(BodyLimit, most=settings.max_body_bytes, larger=large)
    rate = RateLimit(settings.rate_per_second, settings.rate_burst)
    app.add_middleware(AccessGuard, tokens=services.tokens, access=settings.access, rate=rate, known=services.known)
    app.add_middleware(SingleHeaders)
    app.add_middleware(ProblemGuard)
    if hosts is not None:
        app.add_middleware(HostGuard, hosts=hosts)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, requests=services.metrics.requests)
    app.add_middleware(RequestLog)
    if settings.root_path:
        app.add_middleware(RootPath, root=settings.root_path)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Migrate the database, then keep the reconciler running while the server does."""
    services = services_of(app)
    await run_in_threadpool(upgrade, services.settings.database_url)
    try:
        await run_in_threadpool(services.blobs.prepare)
    except BlobStoreUnavailable as error:
        # The server is of use without it, and /readyz says what is missing.
        log.error("%s", error)
    services.reconciler.start()
    try:
        yield
    finally:
        services.events.close()
        await run_in_threadpool(services.reconciler.stop)
        services.publisher.close()
        # The other stores share its connections.
        services.jobs.close()
