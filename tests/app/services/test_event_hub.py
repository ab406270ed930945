"""The task that asks for everybody who follows."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import aclosing
from pathlib import Path

import pytest

from app.asgi.known_tokens import KnownTokens
from app.services.event_hub import EventHub
from tests.app.finished_jobs import DOCUMENT
from tests.app.live_server import settings_for
from worker.contract import Event, EventKind, JobStore, TokenStore, upgrade


class Stumbling(JobStore):
    """A store that fails once in a way that nobody has thought of."""

    stumbled = False

    def newest_events(self, job_ids: Collection[str]) -> dict[str, int]:
        if not self.stumbled:
            self.stumbled = True
            raise ValueError("unforeseen")
        return super().newest_events(job_ids)

    def events(self, job_id: str, after: int = 0) -> tuple[Event, ...]:
        page = super().events(job_id, after)
        if not page:
            # The past is read: what is new from here on comes from the task, whose first question fails.
            self.request_cancel(job_id)
        return page


def test_an_error_that_nobody_has_thought_of_is_logged_and_the_rest_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(tmp_path)
    upgrade(settings.database_url)
    jobs = Stumbling(settings.database_url)
    tokens = TokenStore(settings.database_url)
    job_id = jobs.create(DOCUMENT).id

    async def followed() -> list[EventKind | None]:
        told: list[EventKind | None] = []
        async with aclosing(EventHub(jobs, tokens, KnownTokens()).follow(job_id, 0)) as events:
            async for event in events:
                told.append(event and event.kind)
        return told

    assert asyncio.run(followed()) == [EventKind.QUEUED, EventKind.CANCELLED]
    jobs.close()
    tokens.close()
    assert jobs.stumbled
    assert "ValueError: unforeseen" in caplog.text
