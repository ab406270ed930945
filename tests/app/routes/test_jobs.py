"""Posting, listing, looking at and cancelling jobs over HTTP."""

from __future__ import annotations

import json
import resource
import socket
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.app.finished_jobs import DOCUMENT, LADDER, failed_job, succeeded_job
from tests.app.live_server import LiveServer, check_problem, live_server, problem_of, settings_for
from worker.contract import JobState
from worker.contract.database.database import Database
from worker.contract.database.tables import JOBS

JSON = {"Content-Type": "application/json"}


def test_a_posted_job_is_kept_as_queued_though_the_broker_is_down(server: LiveServer) -> None:
    response = server.http.post("/v1/jobs", json=DOCUMENT)
    assert response.status_code == 202
    job = response.json()
    assert response.headers["location"] == f"/v1/jobs/{job['id']}" == job["links"]["self"]
    assert int(response.headers["retry-after"]) >= 1
    assert uuid.UUID(job["id"]).version == 7
    assert (job["state"], job["attempt"], job["fraction"]) == ("queued", 0, 0.0)
    assert (job["name"], job["labels"], job["kind"]) == ("bench corner", {"wafer": "7"}, "compile")
    assert (job["stage"], job["epoch"], job["epochs"], job["error"], job["result"]) == (None,) * 5
    assert job["started_at"] is job["finished_at"] is None
    assert datetime.fromisoformat(job["created_at"]).utcoffset() is not None
    assert job["job"] == DOCUMENT
    assert job["resolved"]["hardware"]["format"] == "mho.hardware/1"
    assert job["resolved"]["model"]["normalization"] == "batch"
    assert server.jobs.get(job["id"]).state is JobState.QUEUED
    assert server.http.get(job["links"]["self"]).json() == job


@pytest.mark.parametrize(("dataset", "size"), [("digits", "small"), ("mnist", "large")])
def test_a_job_goes_to_the_queue_of_its_size(server: LiveServer, dataset: str, size: str) -> None:
    job = server.http.post("/v1/jobs", json={"hardware": "ideal", "dataset": dataset}).json()
    database = Database(server.settings.database_url)
    with database.read() as connection:
        assert connection.scalar(select(JOBS.c.size).where(JOBS.c.id == job["id"])) == size
    database.close()


def test_the_document_is_kept_as_posted(server: LiveServer) -> None:
    text = '{"dataset":"digits","hardware":{"cell":{"levels":4,"g_max":5e-5}}}'
    job = server.http.post("/v1/jobs", content=text, headers=JSON).json()
    assert job["job"] == json.loads(text)
    assert job["kind"] == "compile"


def test_a_succeeded_job_shows_its_ladder(server: LiveServer) -> None:
    job = server.http.get(f"/v1/jobs/{succeeded_job(server.jobs, server.artifacts).id}").json()
    assert (job["state"], job["attempt"]) == ("succeeded", 1)
    assert job["result"]["ladder"] == LADDER
    assert job["finished_at"] >= job["started_at"] >= job["created_at"]


def test_a_failed_job_shows_why(server: LiveServer) -> None:
    job = server.http.get(f"/v1/jobs/{failed_job(server.jobs).id}").json()
    assert job["state"] == "failed"
    assert job["error"] == {"reason": "TRAINING_FAILED", "detail": "the loss is NaN"}


def cell(**changes: Any) -> dict[str, Any]:
    return {"dataset": "digits", "hardware": {"cell": {"levels": 4, "g_max": 5e-5, **changes}}}


BAD_JOBS: dict[str, tuple[str, str]] = {
    "unknown key": (json.dumps(cell() | {"colour": 1}), "/colour"),
    "unknown key of a later version": (json.dumps(cell(wire_resistance=1.0)), "/hardware/cell/wire_resistance"),
    "one level": (json.dumps(cell(levels=1)), "/hardware/cell/levels"),
    "on/off ratio below one": (json.dumps(cell(on_off_ratio=0.5)), "/hardware/cell/on_off_ratio"),
    "negative g_max": (json.dumps(cell(g_max=-5e-5)), "/hardware/cell/g_max"),
    "zero g_max": (json.dumps(cell(g_max=0)), "/hardware/cell/g_max"),
    "g_max not a number": (json.dumps(cell(g_max=float("nan"))), "/hardware/cell/g_max"),
    "g_max beyond float64": (json.dumps(cell()).replace("5e-05", "1e400"), "/hardware/cell/g_max"),
    "table that does not increase": (
        json.dumps(
            {
                "dataset": "digits",
                "hardware": {"cell": {"spacing": {"type": "table", "conductances": [3e-6, 2e-6]}}},
            }
        ),
        "/hardware/cell/spacing/conductances",
    ),
    "unknown dataset": (json.dumps(cell() | {"dataset": "cifar"}), "/dataset"),
    "unknown preset": (json.dumps({"dataset": "digits", "hardware": "pcm-9b"}), "/hardware"),
    "no units": (json.dumps(cell() | {"model": {"type": "mlp", "hidden": [0]}}), "/model/hidden/0"),
    "a billion units": (json.dumps(cell() | {"model": {"type": "mlp", "hidden": [10**9]}}), "/model/hidden/0"),
    "no object": ("[1, 2]", ""),
    "a number": ("1e400", ""),
    "a key twice": ('{"dataset": "digits", "dataset": "mnist", "hardware": "ideal"}', "/dataset"),
    "deep nesting": ('{"dataset": ' + "[" * 100_000 + "]" * 100_000 + "}", ""),
    "huge number": (json.dumps(cell()).replace(": 4", ": " + "9" * 5000), "/hardware/cell/levels"),
    "bits of more than a siemens": (
        json.dumps(
            {
                "dataset": "digits",
                "hardware": {
                    "cell": {"levels": 4, "spacing": {"type": "binary_weighted", "bit_conductances": [0.4, 0.8]}}
                },
            }
        ),
        "/hardware/cell/spacing/bit_conductances",
    ),
    "batch normalisation with one scale": (
        json.dumps(
            {
                "dataset": "digits",
                "hardware": {"cell": {"levels": 4, "g_max": 5e-5}, "weights": {"scale": "per_layer"}},
                "model": {"type": "mlp", "normalization": "batch"},
            }
        ),
        "/model/normalization",
    ),
}


@pytest.mark.parametrize("name", BAD_JOBS)
def test_a_faulty_job_is_refused_with_the_place_of_each_fault(server: LiveServer, name: str) -> None:
    text, pointer = BAD_JOBS[name]
    newest = server.http.get("/v1/jobs", params={"limit": 1}).json()
    problem = problem_of(server.http.post("/v1/jobs", content=text, headers=JSON), 422, "INVALID_INPUT")
    faults = {fault["pointer"]: fault for fault in problem["errors"]}
    assert any(found.startswith(pointer) for found in faults), faults
    for fault in faults.values():
        assert fault["message"]
        assert fault["got"]
        assert fault["allowed"]
    assert server.http.get("/v1/jobs", params={"limit": 1}).json() == newest


def test_all_faults_come_at_once(server: LiveServer) -> None:
    document = cell(levels=1, g_max=-1) | {"dataset": "cifar", "colour": 1}
    problem = problem_of(server.http.post("/v1/jobs", json=document), 422, "INVALID_INPUT")
    pointers = {fault["pointer"] for fault in problem["errors"]}
    assert pointers == {"/hardware/cell/levels", "/hardware/cell/g_max", "/dataset", "/colour"}


@pytest.mark.parametrize(
    "body", [b"{", b"", b"not json", b'{"a": 1,}', b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"\x1f\x8b\x08", b'{"a": "\n"}']
)
def test_what_is_not_json_at_all_is_a_400(server: LiveServer, body: bytes) -> None:
    problem = problem_of(server.http.post("/v1/jobs", content=body, headers=JSON), 400, "MALFORMED_JSON")
    assert len(problem["errors"]) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_a_body_that_is_not_declared_as_json_is_refused(server: LiveServer, headers: dict[str, str]) -> None:
    body = json.dumps(DOCUMENT).encode()
    status, answered, content = server.raw("POST", "/v1/jobs", body, headers)
    assert status == 415
    check_problem(answered, content, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_charset_of_utf_8_is_fine(server: LiveServer) -> None:
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    assert server.http.post("/v1/jobs", content=json.dumps(DOCUMENT), headers=headers).status_code == 202


def test_a_body_announced_as_too_large_is_refused_unread(server: LiveServer) -> None:
    headers = JSON | {"Content-Length": str(50_000_000)}
    status, answered, content = server.raw("POST", "/v1/jobs", b"{", headers)
    problem = check_problem(answered, content, 413, "BODY_TOO_LARGE")
    assert status == 413
    assert "1,048,576" in problem["detail"]


def test_a_client_that_sends_50_mb_gets_its_answer(server: LiveServer) -> None:
    response = server.http.post("/v1/jobs", content=b" " * 50_000_000, headers=JSON)
    problem_of(response, 413, "BODY_TOO_LARGE")


def test_a_stream_without_length_is_cut_off_at_the_limit(server: LiveServer) -> None:
    block = b" " * 65_536
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def fifty_megabytes() -> Any:
        for _ in range(50_000_000 // len(block)):
            yield block

    status, answered, content = server.raw("POST", "/v1/jobs", fifty_megabytes(), JSON, encode_chunked=True)
    assert status == 413
    check_problem(answered, content, 413, "BODY_TOO_LARGE")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000, f"the process grew by {grown} KiB"


def test_a_large_body_to_a_route_without_one_is_refused_too(server: LiveServer) -> None:
    headers = JSON | {"Content-Length": str(50_000_000)}
    job = succeeded_job(server.jobs, server.artifacts)
    for path in ("/healthz", f"/v1/jobs/{job.id}/conductances/fc1", f"/v1/jobs/{job.id}/artifacts/report.json"):
        status, answered, content = server.raw("GET", path, b"x", headers)
        assert status == 413
        check_problem(answered, content, 413, "BODY_TOO_LARGE")


def test_a_client_that_goes_away_is_no_error(server: LiveServer, caplog: pytest.LogCaptureFixture) -> None:
    address = urlsplit(server.url)
    head = b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(head)
    assert server.http.get("/healthz").status_code == 200
    # The reconciler has its own to say: the broker is down.
    assert not [record for record in caplog.records if not record.name.endswith(".reconciler")]


def test_lists_are_newest_first_and_paged(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        ids = [server.http.post("/v1/jobs", json=DOCUMENT | {"name": str(i)}).json()["id"] for i in range(5)]
        server.http.post(f"/v1/jobs/{ids[1]}/cancel")
        listed = server.http.get("/v1/jobs").json()
        assert [job["id"] for job in listed["jobs"]] == ids[::-1]
        assert listed["next_cursor"] is None
        assert "job" not in listed["jobs"][0]

        found, cursor = [], None
        while True:
            page = server.http.get("/v1/jobs", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
            found += [job["id"] for job in page["jobs"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == ids[::-1]

        cancelled = server.http.get("/v1/jobs", params={"state": "cancelled"}).json()
        assert [job["id"] for job in cancelled["jobs"]] == [ids[1]]
        assert server.http.get("/v1/jobs", params={"state": "running"}).json()["jobs"] == []


@pytest.mark.parametrize(
    ("query", "parameter", "allowed"),
    [
        ("limit=0", "limit", "at least 1"),
        ("limit=201", "limit", "at most 200"),
        ("limit=many", "limit", "a whole number"),
        ("state=done", "state", "queued"),
        ("cursor=garbled", "cursor", "earlier page"),
        ("cursor=", "cursor", "earlier page"),
        ("cursor=" + "x" * 600, "cursor", "500"),
        ("colour=red", "colour", "documented"),
    ],
)
def test_a_faulty_query_is_refused(server: LiveServer, query: str, parameter: str, allowed: str) -> None:
    problem = problem_of(server.http.get(f"/v1/jobs?{query}"), 422, "INVALID_PARAMETER")
    (fault,) = problem["errors"]
    assert fault["parameter"] == parameter
    assert allowed in fault["allowed"]
    assert parameter in problem["detail"]


@pytest.mark.parametrize(
    "job_id",
    [
        "01890a5d-ac96-774b-bcce-b302099a8057",
        "01890A5D-AC96-774B-BCCE-B302099A8057",
        "nothing",
        "%00",
        "..%2f..%2fetc%2fpasswd",
        "%ff",
        "x" * 2000,
        "{01890a5d-ac96-774b-bcce-b302099a8057}",
    ],
)
@pytest.mark.parametrize("rest", ["", "/artifacts", "/artifacts/report.json", "/conductances", "/conductances/fc1"])
def test_a_job_that_does_not_exist_is_a_404(server: LiveServer, job_id: str, rest: str) -> None:
    status, headers, body = server.raw("GET", f"/v1/jobs/{job_id}{rest}")
    assert status == 404
    reason = json.loads(body)["reason"]
    # An id with an encoded slash in it is another path.
    assert reason == "JOB_NOT_FOUND" or "%2f" in job_id
    check_problem(headers, body, 404, reason)


def test_a_queued_job_is_cancelled_at_once_and_only_once(server: LiveServer) -> None:
    job = server.http.post("/v1/jobs", json=DOCUMENT).json()
    cancelled = server.http.post(job["links"]["cancel"])
    assert cancelled.status_code == 202
    assert cancelled.json()["state"] == "cancelled"
    again = problem_of(server.http.post(job["links"]["cancel"]), 409, "JOB_ALREADY_FINISHED")
    assert "cancelled" in again["detail"]


def test_a_running_job_is_asked_to_end(server: LiveServer) -> None:
    job = server.http.post("/v1/jobs", json=DOCUMENT).json()
    running = server.jobs.claim(job["id"], "tests", lease_seconds=600)
    assert running is not None
    answer = server.http.post(job["links"]["cancel"])
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["cancel_requested"]) == ("running", True)
    assert server.jobs.heartbeat(job["id"], running.attempt, 600) is True
    server.jobs.finish(job["id"], running.attempt, JobState.CANCELLED)


@pytest.mark.parametrize("state", ["succeeded", "failed"])
def test_a_finished_job_cannot_be_cancelled(server: LiveServer, state: str) -> None:
    job = succeeded_job(server.jobs, server.artifacts) if state == "succeeded" else failed_job(server.jobs)
    problem = problem_of(server.http.post(f"/v1/jobs/{job.id}/cancel"), 409, "JOB_ALREADY_FINISHED")
    assert state in problem["detail"]


def test_cancelling_a_job_that_does_not_exist_is_a_404(server: LiveServer) -> None:
    problem_of(server.http.post(f"/v1/jobs/{uuid.uuid4()}/cancel"), 404, "JOB_NOT_FOUND")


def test_too_many_waiting_jobs_are_refused(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path, max_queued_jobs=2)) as server:
        assert [server.http.post("/v1/jobs", json=DOCUMENT).status_code for _ in range(2)] == [202, 202]
        problem = problem_of(server.http.post("/v1/jobs", json=DOCUMENT), 429, "QUOTA_EXCEEDED")
        assert "2" in problem["detail"]
        assert int(server.http.get("/readyz").headers["retry-after"]) >= 1


def test_jobs_survive_a_restart(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with live_server(settings) as server:
        job = server.http.post("/v1/jobs", json=DOCUMENT).json()
    with live_server(settings) as server:
        assert server.http.get(job["links"]["self"]).json() == job
