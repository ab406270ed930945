"""Finding and removing jobs over HTTP, and posting them once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.finished_jobs import DOCUMENT, failed_job, succeeded_job
from tests.app.live_server import LiveServer, live_server, problem_of, settings_for
from worker.contract import JobState, Reconciler


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a few jobs that differ."""
    with live_server(settings_for(tmp_path_factory.mktemp("listed"))) as server:
        labels: list[dict[str, str]] = [
            {"lot": "7"},
            {"lot": "7", "wafer": "1"},
            {'a"]b.$': "µ:x"},
            {"a:b": "c:d", ":": ""},
            {"lot": "8"},
        ]
        for index, each in enumerate(labels):
            job = server.jobs.create(DOCUMENT, f"job {index}", each)
            if index % 2:
                server.jobs.request_cancel(job.id)
        failed_job(server.jobs)
        yield server


def names(server: LiveServer, **query: Any) -> list[str]:
    answer = server.http.get("/v1/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return [job["name"] for job in answer.json()["jobs"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"label": "lot:7"}, ["job 1", "job 0"]),
        ({"label": ["lot:7", "wafer:1"]}, ["job 1"]),
        ({"label": ["lot:7", "lot:7"]}, ["job 1", "job 0"]),
        ({"label": ["lot:7", "lot:8"]}, []),
        ({"label": "lot:"}, []),
        ({"label": 'a"]b.$:µ:x'}, ["job 2"]),
        ({"label": 'a"]b.$:%'}, []),
        # A colon is a part of a key as well.
        ({"label": "a:b:c:d"}, ["job 3"]),
        ({"label": "::"}, ["job 3"]),
        ({"label": "a:b"}, []),
        ({"label": "' OR 1=1 --:x"}, []),
        ({"name": "job 3"}, ["job 3"]),
        ({"name": "job"}, []),
        ({"name": "job%"}, []),
        ({"state": "cancelled"}, ["job 3", "job 1"]),
        ({"state": ["cancelled", "failed"]}, ["", "job 3", "job 1"]),
        ({"state": ["queued", "cancelled"], "label": "lot:7"}, ["job 1", "job 0"]),
        ({"created_after": "9999-12-31T00:00:00Z"}, []),
        ({"created_before": "0001-01-02T00:00:00+00:00"}, []),
    ],
    ids=str,
)
def test_a_list_has_what_was_asked_for(listed: LiveServer, query: dict[str, Any], expected: list[str]) -> None:
    assert names(listed, **query) == expected


def test_a_list_of_a_time(listed: LiveServer) -> None:
    jobs = {job["name"]: job for job in listed.http.get("/v1/jobs").json()["jobs"]}
    first, third = jobs["job 1"]["created_at"], jobs["job 3"]["created_at"]
    assert names(listed, created_after=first, created_before=third) == ["job 2"]
    moment = listed.jobs.get(jobs["job 2"]["id"]).created_at
    assert "job 2" not in names(listed, created_after=moment.isoformat())
    assert "job 2" in names(listed, created_after=(moment - timedelta(microseconds=1)).isoformat())


def test_pages_of_a_filtered_list_miss_and_repeat_nothing(listed: LiveServer) -> None:
    query: dict[str, Any] = {"state": ["queued", "cancelled"], "limit": 2}
    found: list[str] = []
    while True:
        page = listed.http.get("/v1/jobs", params=query).json()
        found += [job["name"] for job in page["jobs"]]
        # What comes meanwhile is newer than every page that follows.
        listed.jobs.request_cancel(listed.jobs.create(DOCUMENT, "newer").id)
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == [f"job {index}" for index in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("query", "parameter", "allowed"),
    [
        ("label=lot", "label", "pattern"),
        ("label=:", "label", "pattern"),
        ("label=a%00:7", "label", "pattern"),
        ("name=%00", "name", "pattern"),
        ("state=queued&state=done", "state", "queued"),
        ("created_after=yesterday", "created_after", "RFC 3339"),
        ("created_after=2026-01-01T00:00:00", "created_after", "RFC 3339"),
        ("created_after=1700000000", "created_after", "RFC 3339"),
        ("created_after=-1", "created_after", "RFC 3339"),
        ("created_before=0.5", "created_before", "RFC 3339"),
        ("created_before=", "created_before", "RFC 3339"),
    ],
)
def test_a_faulty_filter_is_refused(listed: LiveServer, query: str, parameter: str, allowed: str) -> None:
    (fault,) = problem_of(listed.http.get(f"/v1/jobs?{query}"), 422, "INVALID_PARAMETER")["errors"]
    assert fault["parameter"] == parameter
    assert allowed in fault["allowed"]


def test_a_finished_job_is_removed_with_its_files(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        gone, kept = (succeeded_job(server.jobs, server.artifacts) for _ in range(2))
        answer = server.http.delete(f"/v1/jobs/{gone.id}")
        assert (answer.status_code, answer.content) == (204, b"")
        for path in ("", "/artifacts", "/events", "/artifacts/report.json"):
            problem_of(server.http.get(f"/v1/jobs/{gone.id}{path}"), 404, "JOB_NOT_FOUND")
        problem_of(server.http.delete(f"/v1/jobs/{gone.id}"), 404, "JOB_NOT_FOUND")
        assert server.jobs.events(gone.id) == ()
        assert [job["id"] for job in server.http.get("/v1/jobs").json()["jobs"]] == [kept.id]
        reconciler = Reconciler(server.jobs, server.settings)
        reconciler.remove_orphans()
        assert server.http.get(f"/v1/jobs/{kept.id}/artifacts/report.json").status_code == 200


def test_a_job_that_has_not_finished_is_not_removed(server: LiveServer) -> None:
    job = server.jobs.create(DOCUMENT)
    assert "queued" in problem_of(server.http.delete(f"/v1/jobs/{job.id}"), 409, "JOB_NOT_FINISHED")["detail"]
    server.jobs.claim(job.id, "tests", 60)
    assert "running" in problem_of(server.http.delete(f"/v1/jobs/{job.id}"), 409, "JOB_NOT_FINISHED")["detail"]
    server.jobs.finish(job.id, 1, JobState.CANCELLED)
    assert server.http.delete(f"/v1/jobs/{job.id}").status_code == 204


def post(server: LiveServer, key: str, **changes: Any) -> httpx.Response:
    return server.http.post("/v1/jobs", json=DOCUMENT | changes, headers={"Idempotency-Key": key})


def test_a_job_posted_twice_with_one_key_is_one_job(server: LiveServer) -> None:
    first, again = post(server, "k!~"), post(server, "k!~")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert post(server, "another").json()["id"] != first.json()["id"]
    problem = problem_of(post(server, "k!~", name="other"), 422, "IDEMPOTENCY_KEY_REUSED")
    assert first.json()["id"] in problem["detail"]


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "\xe9", "a\tb"])
def test_a_faulty_key_is_refused(server: LiveServer, key: str) -> None:
    response = server.http.post("/v1/jobs", json=DOCUMENT, headers=[(b"Idempotency-Key", key.encode("latin-1"))])
    (fault,) = problem_of(response, 422, "INVALID_PARAMETER")["errors"]
    assert fault["parameter"] == "idempotency-key"
    assert "255" in fault["allowed"]


def test_many_clients_with_one_key_get_one_job(server: LiveServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(server, "all-at-once"), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
