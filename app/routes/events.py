"""`/v1/jobs/{id}/events`: what happens to a job, as it happens."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import Header, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from app.operations.table import GET_EVENTS
from app.problems.problem import Problem, Responses, problem_responses
from app.requests.dependencies import AskedBy, Hub, Jobs
from app.requests.finding import find_job
from app.routes.route import Router
from app.services.event_hub import EventHub
from worker.contract import Event, EventKind, JobStore

router = Router(tags=["jobs"])

MEDIA_TYPE = "text/event-stream"

RETRY_MS = 1000
"""Milliseconds that a client is asked to wait before it comes again."""

EVENT = {
    "type": "object",
    "description": "one event of the stream",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "for `Last-Event-ID`"},
        "event": {"enum": [kind.value for kind in EventKind], "description": "what happened"},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "what belongs to it"},
    },
}
"""The JSON Schema of an event of the stream."""

ANSWERS: Responses = {
    200: {
        "description": "Server-sent events: `event` is the kind, `id` the number, `data` a JSON object",
        "content": {MEDIA_TYPE: {"schema": EVENT}},
    },
    204: {"description": "The job has ended and nothing happened after `Last-Event-ID`: do not come again"},
}
"""Answers with the stream when all is well."""


@router.operation(
    GET_EVENTS,
    summary="Follow a job",
    response_class=StreamingResponse,
    responses=ANSWERS | problem_responses("JOB_NOT_FOUND", "INVALID_PARAMETER", "QUOTA_EXCEEDED", "STORE_UNAVAILABLE"),
)
async def get_events(
    job_id: str,
    jobs: Jobs,
    hub: Hub,
    caller: AskedBy,
    last_event_id: Annotated[
        str | None, Header(pattern="^[0-9]{1,18}$", description="go on after this event, as browsers do by themselves")
    ] = None,
) -> Response:
    """Server-sent events, from the first one or after `Last-Event-ID`; the stream ends after the final event.

    It ends before it, within seconds, where its token is revoked or expires.

    Kinds: `queued`, `started`, `progress` (`stage`, `epoch`, `epochs`, `fraction`, `message`, `seconds_left`),
    `requeued`, `cancel_requested`, and the final ones, `succeeded`, `failed` (`error`) and `cancelled`. Every
    `data` has `job_id`, `at`, `kind` and `attempt`. Of a job's progress the newest 500 events are kept.
    """
    after = await run_in_threadpool(_start, jobs, job_id, int(last_event_id or 0))
    if after is None:
        return Response(status_code=204)
    # Nothing is awaited from here to the answer, which gives the place back.
    taken = hub.places.take(caller.owner)
    if taken is not None:
        raise Problem(
            "QUOTA_EXCEEDED", f"{taken} follow jobs at once, as many as may; wait for some to go, or ask for the job."
        )
    return _Followed(
        _stream(hub, job_id, after, caller.token_id),
        freed=lambda: hub.places.free(caller.owner),
        media_type=MEDIA_TYPE,
        # The second one is for a proxy that would hold the events back.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class _Followed(StreamingResponse):
    """A stream that says when it has ended, even where its client went before the first byte."""

    def __init__(self, content: AsyncIterator[bytes], *, freed: Callable[[], None], **options: Any) -> None:
        super().__init__(content, **options)
        self._freed = freed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._freed()


def _start(jobs: JobStore, job_id: str, last_id: int) -> int | None:
    """The event after which to begin; None where there is nothing more to come.

    Raises:
        JobNotFound: there is no such job.
    """
    # In this order: a job that ends in between has its final event among the newest.
    job = find_job(jobs, job_id)
    newest = jobs.newest_events({job_id}).get(job_id, 0)
    after = min(last_id, newest)
    return None if job.finished and after == newest else after


async def _stream(hub: EventHub, job_id: str, after: int, token_id: str) -> AsyncIterator[bytes]:
    """The events as they go over the wire."""
    yield format_sse_event(retry=RETRY_MS)
    async with aclosing(hub.follow(job_id, after, token_id)) as events:
        async for event in events:
            yield format_sse_event(comment="no news") if event is None else _written(event)


def _written(event: Event) -> bytes:
    """One event as it goes over the wire."""
    own: dict[str, Any] = {"job_id": event.job_id, "at": event.at.isoformat(), "kind": event.kind, **event.data}
    return format_sse_event(id=str(event.id), event=event.kind.value, data_str=json.dumps(own))
