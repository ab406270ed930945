"""Access by token: who gets in, with which scope, how fast, and that nobody sees another's jobs."""

from __future__ import annotations

import base64
import json
import logging
import math
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from app.asgi.access_guard import UNANSWERED
from app.asgi.known_tokens import KNOWN_SECONDS
from app.operations.operation import OPEN, Operation
from app.operations.table import OPERATIONS
from tests.app.finished_jobs import DOCUMENT, succeeded_job
from tests.app.live_server import LiveServer, live_server, problem_of, settings_for, wait_until
from tests.app.token_holders import Holder, bearer, guarded_server, holder
from worker.contract import JobState, Scope, TokenStore
from worker.contract.database.database import Database
from worker.contract.database.tables import TOKENS

BODY = json.dumps(DOCUMENT)
JSON = {"Content-Type": "application/json"}
UNKNOWN = "mho_" + "A" * 43


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with guarded_server(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def reader(guarded: LiveServer) -> Holder:
    return holder(guarded, Scope.READ)


@pytest.fixture(scope="module")
def ann(guarded: LiveServer) -> Holder:
    return holder(guarded, Scope.SUBMIT, "ann")


@pytest.fixture(scope="module")
def bob(guarded: LiveServer) -> Holder:
    return holder(guarded, Scope.SUBMIT, "bob")


@pytest.fixture(scope="module")
def admin(guarded: LiveServer) -> Holder:
    return holder(guarded, Scope.ADMIN, "admin")


def guarded_operations(*, of_jobs: bool = False) -> list[Operation]:
    """The operations that need a token, or those of them that are about one job."""
    found = [operation for operation in OPERATIONS if operation.scope is not OPEN]
    return [operation for operation in found if "{job_id}" in operation.path] if of_jobs else found


def str_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def written(path: str, job_id: str = "x") -> str:
    """The path with its parameters filled in."""
    for name, value in {
        "job_id": job_id,
        "dataset_id": "x",
        "name:path": "report.json",
        "name": "ideal",
        "layer": "fc1",
    }.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path
    return path


@pytest.mark.parametrize("operation", guarded_operations(), ids=str_of)
def test_no_route_answers_without_a_token(guarded: LiveServer, operation: Operation) -> None:
    response = guarded.http.request(operation.method, written(operation.path), content=BODY, headers=JSON)
    problem_of(response, 401, "TOKEN_REQUIRED")
    assert response.headers["www-authenticate"] == 'Bearer realm="mho"'
    response = guarded.http.request(
        operation.method, written(operation.path), content=BODY, headers=JSON | bearer(UNKNOWN)
    )
    problem_of(response, 401, "TOKEN_INVALID")
    assert response.headers["www-authenticate"] == 'Bearer realm="mho", error="invalid_token"'


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_what_says_nothing_of_jobs_is_open(guarded: LiveServer, path: str) -> None:
    assert guarded.http.get(path).status_code in (200, 503)


def test_readyz_tells_anybody_no_more_than_whether(guarded: LiveServer, caplog: pytest.LogCaptureFixture) -> None:
    problem = problem_of(guarded.http.get("/readyz"), 503, "NOT_READY")
    assert problem["dependencies"] == {"database": "ok", "broker": "missing", "artifacts": "ok"}
    assert "nonexistent" not in json.dumps(problem)
    told = [record.getMessage() for record in caplog.records if record.name == "mho.app"]
    assert any("MHO_BROKER_URL" in line for line in told)


def test_an_unknown_path_says_nothing_without_a_token(guarded: LiveServer, reader: Holder) -> None:
    problem_of(guarded.http.get("/v2"), 401, "TOKEN_REQUIRED")
    problem_of(reader.call("GET", "/v2"), 404, "NOT_FOUND")
    problem_of(reader.call("PUT", "/v1/jobs"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("operation", guarded_operations(), ids=str_of)
def test_the_scope_decides(reader: Holder, admin: Holder, operation: Operation) -> None:
    response = reader.call(operation.method, written(operation.path), content=b"{}", headers=JSON)
    if operation.scope is Scope.READ:
        assert response.status_code not in (401, 403)
    else:
        problem = problem_of(response, 403, "SCOPE_MISSING")
        assert problem["scope"] == operation.scope
        assert 'error="insufficient_scope", scope="submit"' in response.headers["www-authenticate"]
    response = admin.call(operation.method, written(operation.path), content=b"{}", headers=JSON)
    assert response.status_code not in (401, 403)


def test_a_refused_body_is_not_even_looked_at(guarded: LiveServer) -> None:
    problem_of(guarded.http.post("/v1/jobs", content=b"x" * 5_000_000, headers=JSON), 401, "TOKEN_REQUIRED")


def ended_header(secret: str) -> dict[str, dict[str, str]]:
    basic = base64.b64encode(f"x:{secret}".encode()).decode()
    return {
        "the token alone": {"Authorization": secret},
        "another scheme": {"Authorization": f"Basic {basic}"},
        "scheme alone": {"Authorization": "Bearer"},
        "empty": {"Authorization": ""},
        "two in one": {"Authorization": f"Bearer {secret}, Bearer {secret}"},
        "something behind it": {"Authorization": f"Bearer {secret} x"},
        "a cookie": {"Cookie": f"token={secret}"},
        "another header": {"X-Api-Key": secret},
        "an id": {"X-Request-Id": f"x-{secret}"},
    }


@pytest.mark.parametrize("case", ended_header(""))
def test_a_token_in_another_place_is_none(guarded: LiveServer, reader: Holder, case: str) -> None:
    response = guarded.http.get("/v1/jobs", headers=ended_header(reader.secret)[case])
    assert response.status_code == 401
    assert reader.secret[4:] not in response.text
    assert reader.secret[4:] not in str(response.headers)


def test_two_headers_are_refused_even_when_both_are_good(guarded: LiveServer, reader: Holder) -> None:
    twice = [("Authorization", f"Bearer {reader.secret}")] * 2
    problem_of(guarded.http.get("/v1/jobs", headers=httpx.Headers(twice)), 400, "BAD_REQUEST")


def test_the_scheme_is_not_case_sensitive(guarded: LiveServer, reader: Holder) -> None:
    for scheme in ("bearer", "BEARER"):
        response = guarded.http.get("/v1/jobs", headers={"Authorization": f"{scheme} {reader.secret}"})
        assert response.status_code == 200


def test_a_token_is_good_until_it_is_revoked_or_expires(tmp_path: Path) -> None:
    with guarded_server(tmp_path) as guarded:
        guarded.services.known.seconds = 0.0
        first, second = holder(guarded, Scope.READ), holder(guarded, Scope.READ)
        assert first.call("GET", "/v1/jobs").status_code == second.call("GET", "/v1/jobs").status_code == 200
        with closing(TokenStore(guarded.settings.database_url)) as tokens:
            tokens.revoke(first.token_id)
        database = Database(guarded.settings.database_url)
        with database.write() as connection:
            past = datetime.now(UTC) - timedelta(seconds=1)
            connection.execute(update(TOKENS).where(TOKENS.c.id == second.token_id).values(expires_at=past))
        database.close()
        assert "revoked" in problem_of(first.call("GET", "/v1/jobs"), 401, "TOKEN_INVALID")["detail"]
        assert "expired" in problem_of(second.call("GET", "/v1/jobs"), 401, "TOKEN_INVALID")["detail"]


def test_a_flood_of_one_token_asks_the_database_no_more_than_once(tmp_path: Path) -> None:
    """Asked of a token that is revoked: as long as it is believed, nobody has looked it up again."""
    with guarded_server(tmp_path) as guarded:
        guarded.services.known.seconds = math.inf
        one = holder(guarded, Scope.READ)
        assert one.call("GET", "/v1/hardware").status_code == 200
        with closing(TokenStore(guarded.settings.database_url)) as tokens:
            tokens.revoke(one.token_id)
        assert {one.call("GET", "/v1/hardware").status_code for _ in range(5)} == {200}
        guarded.services.known.seconds = 0.0
        problem_of(one.call("GET", "/v1/hardware"), 401, "TOKEN_INVALID")
        guarded.services.known.seconds = math.inf
        # A look-up that failed is not forgotten.
        problem_of(one.call("GET", "/v1/hardware"), 401, "TOKEN_INVALID")


def test_an_address_that_has_failed_too_often_has_no_token_looked_up(tmp_path: Path) -> None:
    with guarded_server(tmp_path, rate_per_second=0.001, rate_burst=3) as server:
        known, strange = holder(server, Scope.READ), holder(server, Scope.READ)
        assert known.call("GET", "/v1/hardware").status_code == 200
        tried = [server.http.get("/v1/jobs", headers=bearer(UNKNOWN)).status_code for _ in range(4)]
        assert tried == [401] * 3 + [429]
        # Not even a good one that this server has not seen yet; one that was good before is not shut out by others.
        problem_of(strange.call("GET", "/v1/hardware"), 429, "RATE_LIMITED")
        assert known.call("GET", "/v1/hardware").status_code == 200


def test_a_job_is_its_tokens_own(guarded: LiveServer, ann: Holder, bob: Holder, admin: Holder) -> None:
    job = ann.call("POST", "/v1/jobs", content=BODY, headers=JSON).json()
    assert job["owner"] == guarded.jobs.get(job["id"]).owner == ann.token_id

    def listed(one: Holder) -> set[str]:
        return {each["id"] for each in one.call("GET", "/v1/jobs?limit=200").json()["jobs"]}

    assert job["id"] in listed(ann)
    assert job["id"] in listed(admin)
    assert job["id"] not in listed(bob)


@pytest.mark.parametrize("operation", guarded_operations(of_jobs=True), ids=str_of)
def test_anothers_job_is_not_there(
    guarded: LiveServer, ann: Holder, bob: Holder, admin: Holder, operation: Operation
) -> None:
    """Over every route, with the same words as for a job that never was."""
    done = succeeded_job(ann.jobs, guarded.artifacts)
    waiting = ann.jobs.create(DOCUMENT)
    for job in (done, waiting):
        refused = bob.call(operation.method, written(operation.path, job.id))
        problem_of(refused, 404, "JOB_NOT_FOUND")
        missing = job.id[:-1] + ("0" if job.id[-1] != "0" else "1")
        unknown = bob.call(operation.method, written(operation.path, missing))
        assert refused.text == unknown.text.replace(missing, job.id)
        assert refused.headers.keys() == unknown.headers.keys()
    assert guarded.jobs.get(done.id).state is JobState.SUCCEEDED
    assert guarded.jobs.get(waiting.id).state is JobState.QUEUED
    # It is there all the same, for those who may have it.
    for one, job in ((ann, done), (admin, succeeded_job(ann.jobs, guarded.artifacts))):
        assert one.call(operation.method, written(operation.path, job.id)).status_code != 404
    guarded.jobs.request_cancel(waiting.id)


def test_an_idempotency_key_is_its_tokens_own(guarded: LiveServer, ann: Holder, bob: Holder) -> None:
    headers = JSON | {"Idempotency-Key": "the-same"}
    first, again, other = (
        one.call("POST", "/v1/jobs", content=BODY, headers=headers).json()["id"] for one in (ann, ann, bob)
    )
    assert first == again
    assert other != first
    assert guarded.jobs.get(other).owner == bob.token_id


def test_an_etag_opens_nothing(guarded: LiveServer, ann: Holder, bob: Holder) -> None:
    done = succeeded_job(ann.jobs, guarded.artifacts)
    path = f"/v1/jobs/{done.id}/artifacts/report.json"
    etag = ann.call("GET", path).headers["etag"]
    assert ann.call("GET", path, headers={"If-None-Match": etag}).status_code == 304
    problem_of(bob.call("GET", path, headers={"If-None-Match": etag}), 404, "JOB_NOT_FOUND")


def test_a_token_has_a_quota(tmp_path: Path) -> None:
    with guarded_server(tmp_path, max_queued_jobs_per_token=2) as server:
        one, other = holder(server, Scope.SUBMIT), holder(server, Scope.SUBMIT)
        for _ in range(2):
            assert one.call("POST", "/v1/jobs", content=BODY, headers=JSON).status_code == 202
        refused = one.call("POST", "/v1/jobs", content=BODY, headers=JSON)
        assert "MHO_MAX_QUEUED_JOBS_PER_TOKEN" in problem_of(refused, 429, "QUOTA_EXCEEDED")["detail"]
        assert other.call("POST", "/v1/jobs", content=BODY, headers=JSON).status_code == 202


def test_a_token_that_asks_too_fast_waits(tmp_path: Path) -> None:
    with guarded_server(tmp_path, rate_per_second=0.001, rate_burst=3) as server:
        one, other = holder(server, Scope.READ), holder(server, Scope.READ)
        assert [one.call("GET", "/v1/jobs").status_code for _ in range(3)] == [200] * 3
        refused = one.call("GET", "/v1/jobs")
        assert "MHO_RATE_PER_SECOND" in problem_of(refused, 429, "RATE_LIMITED")["detail"]
        assert 900 < int(refused.headers["retry-after"]) <= 1000
        assert other.call("GET", "/v1/jobs").status_code == 200
        # Whoever has no good token shares what an address may.
        tried = [server.http.get("/v1/jobs", headers=bearer(UNKNOWN)).status_code for _ in range(3)]
        assert tried == [401] * 3
        problem_of(server.http.get("/v1/jobs"), 429, "RATE_LIMITED")
        problem_of(server.http.get("/readyz"), 429, "RATE_LIMITED")
        assert server.http.get("/healthz").status_code == 200
        assert other.call("GET", "/v1/jobs").status_code == 200


def test_a_server_is_for_everybody_until_there_is_a_token(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path, rate_per_second=0.001, rate_burst=2)) as server:
        for headers in ({}, bearer(UNKNOWN), {"Authorization": "Basic x"}):
            assert server.http.get("/v1/jobs", headers=headers).status_code == 200
        job = server.http.post("/v1/jobs", content=BODY, headers=JSON).json()
        assert server.jobs.get(job["id"]).owner == ""
        one, root = holder(server, Scope.SUBMIT), holder(server, Scope.ADMIN)
        wait_until(lambda: server.http.get("/v1/jobs").status_code == 401, KNOWN_SECONDS + 5)
        problem_of(one.call("GET", f"/v1/jobs/{job['id']}"), 404, "JOB_NOT_FOUND")
        assert root.call("GET", f"/v1/jobs/{job['id']}").status_code == 200
        with closing(TokenStore(server.settings.database_url)) as tokens:
            for token in tokens.list():
                tokens.revoke(token.id)
        # Nobody gets in by the loss of the last token, not even after a restart.
        problem_of(server.http.get("/v1/jobs"), 401, "TOKEN_REQUIRED")
        problem_of(server.http.get("/v1/jobs"), 429, "RATE_LIMITED")
    with live_server(server.settings) as server:
        problem_of(server.http.get("/v1/jobs"), 401, "TOKEN_REQUIRED")


def test_access_can_be_off(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path, access="off")) as server:
        holder(server, Scope.READ)
        assert server.http.get("/v1/jobs").status_code == 200


def test_a_database_that_is_gone_lets_nobody_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with guarded_server(tmp_path) as server:
        one = holder(server, Scope.READ)
        server.jobs.close()
        database = Database(server.settings.database_url)
        with database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE tokens RENAME TO elsewhere")
        database.close()
        for headers in (bearer(UNKNOWN), bearer(one.secret)):
            problem = problem_of(server.http.get("/v1/hardware", headers=headers), 503, "STORE_UNAVAILABLE")
            assert problem["detail"] == UNANSWERED
        # Who asks is not known yet: where the database is stands in the log alone.
        assert str(tmp_path) in caplog.text
        assert server.http.get("/healthz").status_code == 200


def test_no_token_is_in_a_log_or_an_answer(
    guarded: LiveServer, ann: Holder, admin: Holder, caplog: pytest.LogCaptureFixture
) -> None:
    """Good, bad, or in the wrong place: what was said of it, and what of it."""
    revoked = holder(guarded, Scope.SUBMIT)
    with closing(TokenStore(guarded.settings.database_url)) as tokens:
        tokens.revoke(revoked.token_id)
    answers: list[httpx.Response] = []
    with caplog.at_level(logging.DEBUG):
        for one in (ann, admin, revoked):
            answers += [
                one.call("POST", "/v1/jobs", content=BODY, headers=JSON),
                one.call("POST", "/v1/jobs", content=b"{", headers=JSON),
                one.call("GET", "/v1/jobs"),
                one.call("GET", f"/v1/jobs?token={one.secret}"),
                one.call("GET", f"/v1/jobs?state={one.secret}"),
                one.call("GET", f"/v1/jobs/{one.secret}"),
                one.call("GET", f"/{one.secret}"),
                one.call("DELETE", "/v1/jobs", headers={"X-Token": one.secret}),
                one.call("POST", "/v1/jobs", content=BODY, headers={"Content-Type": one.secret}),
                guarded.http.get(f"/{one.secret}"),
            ]
            answers += [guarded.http.get("/v1/jobs", headers=each) for each in ended_header(one.secret).values()]
    # The client's own, and one that a server switches off (`access_log=False`) and pytest listens to all the same.
    apart = ("httpx", "httpcore", "uvicorn.access")
    logged = [record for record in caplog.records if not record.name.startswith(apart)]
    for one in (ann, admin, revoked):
        assert not [record for record in logged if one.secret[4:] in record.getMessage()]
        assert not [answer.text for answer in answers if one.secret[4:] in answer.text]
        assert not [answer.headers for answer in answers if one.secret[4:] in str(answer.headers)]
