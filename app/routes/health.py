"""`/healthz` and `/readyz`: alive, and able to work."""

from __future__ import annotations

import logging
from collections.abc import Callable

import anyio
from anyio import to_thread
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.operations.table import GET_HEALTH, GET_READINESS
from app.problems.problem import problem_response, problem_responses
from app.requests.dependencies import AppServices
from app.routes.route import Router
from worker.contract import broker_ready

log = logging.getLogger("mho.app")
router = Router(tags=["health"])

PATIENCE = 1.8
"""Seconds until a dependency that does not answer counts as missing; the whole answer takes no longer."""


class Health(BaseModel):
    """The process answers."""

    status: str = Field(description="always ok")


class Readiness(BaseModel):
    """Every dependency answers."""

    status: str = Field(description="always ready; a missing dependency is a problem instead")
    dependencies: dict[str, str] = Field(description="each dependency, with ok or with what is missing")


@router.operation(GET_HEALTH, summary="Is the server alive?")
async def healthz() -> Health:
    """Touches no dependency: it answers as long as the process does."""
    return Health(status="ok")


@router.operation(
    GET_READINESS,
    summary="Can the server work?",
    response_model=Readiness,
    responses=problem_responses("NOT_READY"),
)
async def readyz(services: AppServices) -> JSONResponse:
    """Asks the database, the broker and the artifact store, all at once; says of each what is missing.

    Where access is by token always, only whether something is missing: anybody may ask, and the log has the rest.
    """
    settings = services.settings
    checks: dict[str, Callable[[], None]] = {
        "database": services.jobs.ping,
        "broker": lambda: broker_ready(settings),
        "artifacts": services.blobs.check_writable,
        **services.checks,
    }
    found = dict.fromkeys(checks, f"no answer within {PATIENCE} s")
    with anyio.move_on_after(PATIENCE):
        async with anyio.create_task_group() as group:
            for name, check in checks.items():
                group.start_soon(_ask, name, check, found)
    missing = [f"{name}: {answer}" for name, answer in found.items() if answer != "ok"]
    if missing and settings.access == "tokens":
        log.warning("not ready: %s", "; ".join(missing))
        found = {name: answer if answer == "ok" else "missing" for name, answer in found.items()}
        missing = [f"{name} is missing, the server's log says why" for name, answer in found.items() if answer != "ok"]
    if missing:
        return problem_response("NOT_READY", "; ".join(missing), dependencies=found)
    return JSONResponse({"status": "ready", "dependencies": found}, headers={"Cache-Control": "no-store"})


async def _ask(name: str, check: Callable[[], None], found: dict[str, str]) -> None:
    """Run one check in a thread of its own and note its answer; one that hangs is left behind."""
    try:
        await to_thread.run_sync(check, abandon_on_cancel=True)
    except Exception as error:
        found[name] = str(error) or type(error).__name__
    else:
        found[name] = "ok"
