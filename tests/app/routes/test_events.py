"""Following a job over HTTP: every event once and in order, however often the client comes and goes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from hwcore.progress import Progress
from tests.app.finished_jobs import DOCUMENT, failed_job, succeeded_job
from tests.app.live_server import LiveServer, live_server, problem_of, settings_for, wait_until
from tests.app.token_holders import bearer, guarded_server, holder
from worker.contract import Database, JobState, Scope, TokenStore
from worker.contract.database.tables import TOKENS

Told = dict[str, Any]


def read(lines: Iterator[str]) -> Iterator[Told]:
    """The events of a stream; a comment is an event without a name."""
    fields: Told = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = json.loads(value) if name == "data" else value
        elif fields:
            yield fields
            fields = {}


@contextmanager
def following(server: LiveServer, job_id: str, after: int | None = None) -> Iterator[Iterator[Told]]:
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    # A connection of its own: many are open at once.
    with (
        httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client,
        client.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        events = read(response.iter_lines())
        assert next(events) == {"retry": "1000"}
        yield events


def kinds(events: Iterator[Told]) -> list[str]:
    return [event["event"] for event in events if "event" in event]


def test_a_finished_job_is_told_in_whole_and_the_stream_ends(server: LiveServer) -> None:
    job = succeeded_job(server.jobs, server.artifacts)
    with following(server, job.id) as events:
        told = list(events)
    assert kinds(iter(told)) == ["queued", "started", "succeeded"]
    for event in told:
        data = event["data"]
        assert (data["job_id"], data["kind"]) == (job.id, event["event"])
        assert set(data) >= {"at", "attempt"}
    with following(server, failed_job(server.jobs).id) as events:
        assert list(events)[-1]["data"]["error"]["reason"] == "TRAINING_FAILED"


def test_events_come_as_they_happen(server: LiveServer) -> None:
    job_id = server.jobs.create(DOCUMENT).id
    with following(server, job_id) as events:
        assert next(events)["event"] == "queued"
        server.jobs.claim(job_id, "tests", 60)
        assert next(events)["event"] == "started"
        server.jobs.heartbeat(job_id, 1, 60, Progress("float", 1, 4, 0.25, "loss", 3.0))
        progress = next(events)
        assert progress["event"] == "progress"
        assert progress["data"]["seconds_left"] == 3.0
        server.jobs.finish(job_id, 1, JobState.CANCELLED)
        assert kinds(events) == ["cancelled"]


def test_a_client_that_comes_again_goes_on_where_it_was(server: LiveServer) -> None:
    job_id = server.jobs.create(DOCUMENT).id
    server.jobs.claim(job_id, "tests", 60)
    with following(server, job_id) as events:
        last = int(next(events)["id"])
    server.jobs.heartbeat(job_id, 1, 60, Progress("float", 1, 4, 0.25, ""))
    with following(server, job_id, last) as events:
        assert [next(events)["event"] for _ in range(2)] == ["started", "progress"]
        server.jobs.finish(job_id, 1, JobState.SUCCEEDED)
        final = next(events)
        assert final["event"] == "succeeded"
        assert list(events) == []
    with following(server, job_id, int(final["id"]) - 1) as events:
        assert kinds(events) == ["succeeded"]
    for after in (final["id"], "9" * 18):
        again = server.http.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": after})
        assert (again.status_code, again.content) == (204, b"")


def test_an_id_from_the_future_waits_for_what_comes(server: LiveServer) -> None:
    job_id = server.jobs.create(DOCUMENT).id
    with following(server, job_id, 10**17) as events:
        server.jobs.request_cancel(job_id)
        assert kinds(events) == ["cancelled"]


@pytest.mark.parametrize("last", ["", "-1", "x", "1" * 19, "1.5"])
def test_a_garbled_last_event_id_is_refused(server: LiveServer, last: str) -> None:
    job_id = server.jobs.create(DOCUMENT).id
    response = server.http.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": last})
    (fault,) = problem_of(response, 422, "INVALID_PARAMETER")["errors"]
    assert fault["parameter"] == "last-event-id"
    assert "[0-9]" in fault["allowed"]


def test_a_job_that_does_not_exist_has_no_events(server: LiveServer) -> None:
    for job_id in ("nothing", "01890a5d-ac96-774b-bcce-b302099a8057"):
        problem_of(server.http.get(f"/v1/jobs/{job_id}/events"), 404, "JOB_NOT_FOUND")


def test_silence_is_reported(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        server.services.events.silence_seconds = 0.05
        job_id = server.jobs.create(DOCUMENT).id
        with following(server, job_id) as events:
            assert next(events)["event"] == "queued"
            assert [next(events) for _ in range(2)] == [{"": "no news"}] * 2


def test_two_hundred_streams_cost_no_thread_and_leave_nothing(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server, ExitStack() as stack:
        ids = [server.jobs.create(DOCUMENT).id for _ in range(4)]
        hub = server.services.events
        streams = [stack.enter_context(following(server, ids[i % 4])) for i in range(200)]
        for events in streams:
            assert next(events)["event"] == "queued"
        wait_until(lambda: hub.followers == 200)
        # The server, its reconciler, and the few threads in which it asks the database.
        assert threading.active_count() < 60
        for job_id in ids:
            server.jobs.request_cancel(job_id)
        for events in streams:
            assert kinds(events) == ["cancelled"]
        wait_until(lambda: hub.followers == 0)


def test_clients_that_go_away_are_forgotten(server: LiveServer) -> None:
    job_id = server.jobs.create(DOCUMENT).id
    hub = server.services.events
    with following(server, job_id) as events:
        next(events)
        wait_until(lambda: hub.followers == 1)
    wait_until(lambda: hub.followers == 0)


def test_a_follower_that_falls_behind_is_let_go(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        server.services.events.behind = 1
        job_id = server.jobs.create(DOCUMENT).id
        with following(server, job_id) as events:
            seen = [int(next(events)["id"])]
            server.jobs.claim(job_id, "tests", 60)
            for epoch in range(40):
                server.jobs.heartbeat(job_id, 1, 60, Progress("float", epoch, 40, 0.5, ""))
            # Let go, or fast enough after all: what it was given has no gap, and it can go on from there.
            seen += [int(event["id"]) for event, _ in zip(events, range(41), strict=False)]
        assert seen == [event.id for event in server.jobs.events(job_id)][: len(seen)]


def test_too_many_followers_are_refused(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        server.services.events.places.most = 2
        job_id = server.jobs.create(DOCUMENT).id
        with following(server, job_id), following(server, job_id):
            # Each is answered, and whether it follows already does not matter.
            refused = problem_of(server.http.get(f"/v1/jobs/{job_id}/events"), 429, "QUOTA_EXCEEDED")
            assert "2 of all callers" in refused["detail"]
        server.jobs.request_cancel(job_id)
        wait_until(lambda: server.http.get(f"/v1/jobs/{job_id}/events").status_code == 200)


def test_one_token_has_not_all_the_places(tmp_path: Path) -> None:
    with guarded_server(tmp_path) as server:
        server.services.events.places.most_each = 1
        one, other = holder(server, Scope.SUBMIT), holder(server, Scope.ADMIN)
        job_id = one.jobs.create(DOCUMENT).id
        path = f"/v1/jobs/{job_id}/events"
        with one.server.http.stream("GET", path, headers=bearer(one.secret)) as response:
            assert response.status_code == 200
            assert "1 of this token" in problem_of(one.call("GET", path), 429, "QUOTA_EXCEEDED")["detail"]
            one.jobs.request_cancel(job_id)
            assert other.call("GET", path).status_code == 200


def test_a_server_that_stops_lets_its_followers_go(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        job_id = server.jobs.create(DOCUMENT).id
        with following(server, job_id) as events:
            next(events)
            server.services.events.close()
            assert list(events) == []


@pytest.mark.parametrize("ending", ["revoked", "expired"])
def test_a_stream_ends_with_its_token(tmp_path: Path, ending: str) -> None:
    with guarded_server(tmp_path) as server, ExitStack() as stack:
        ann, bob = holder(server, Scope.ADMIN, "ann"), holder(server, Scope.ADMIN, "bob")
        job_id = server.jobs.create(DOCUMENT).id
        path = f"/v1/jobs/{job_id}/events"
        anns, bobs = (
            read(stack.enter_context(server.http.stream("GET", path, headers=bearer(each.secret))).iter_lines())
            for each in (ann, bob)
        )
        for events in (anns, bobs):
            assert next(events) == {"retry": "1000"}
            assert next(events)["event"] == "queued"
        wait_until(lambda: server.services.events.followers == 2)
        end_token(server, ann.token_id, ending)
        began = time.monotonic()
        assert list(anns) == []
        assert time.monotonic() - began < 5
        problem_of(ann.call("GET", path), 401, "TOKEN_INVALID")
        # The other one hears of it to the end.
        server.jobs.request_cancel(job_id)
        assert kinds(bobs) == ["cancelled"]


def end_token(server: LiveServer, token_id: str, ending: str) -> None:
    """Make a token good for nothing, or let its time run out."""
    database = Database(server.settings.database_url)
    if ending == "revoked":
        TokenStore(database).revoke(token_id)
    else:
        with database.write() as connection:
            past = datetime.now(UTC) - timedelta(seconds=1)
            connection.execute(update(TOKENS).where(TOKENS.c.id == token_id).values(expires_at=past))
    database.close()
