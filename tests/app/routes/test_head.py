"""HEAD is answered wherever GET is, with the same headers and no body; and `/` says where things are."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest

from app.services.event_hub import EventHub
from tests.app.finished_jobs import succeeded_job
from tests.app.live_server import LiveServer, problem_of, wait_until
from worker.contract import Job

DESCRIPTION = {"height": 8, "width": 8, "classes": 10, "training_images": 1, "test_images": 1}
OWN = {"x-request-id", "date", "transfer-encoding", "content-length"}
"""Headers of one answer alone; the length of figures and of a list changes from moment to moment."""


@pytest.fixture(scope="module")
def job(server: LiveServer) -> Job:
    return succeeded_job(server.jobs, server.artifacts)


def every_path(server: LiveServer, job: Job) -> list[str]:
    """Every path that is there to GET, of this job and its files."""
    dataset = server.services.uploads["dataset"].add("0" * 64, 1, DESCRIPTION, "none")[0].id
    names = {"{job_id}": job.id, "{layer}": "fc1", "{dataset_id}": dataset}
    found = []
    for path, operations in server.http.get("/openapi.json").json()["paths"].items():
        assert ("get" in operations) == ("head" in operations), path
        if "get" in operations:
            named = {"/v1/hardware/{name}": "fefet-2b", "/v1/schemas/{name}": "job"}.get(path, "report.json")
            for name, value in {**names, "{name}": named}.items():
                path = path.replace(name, value)
            found.append(path)
    return [*found, "/docs", "/docs/start.js", "/openapi.json"]


def test_every_path_that_has_get_has_head(server: LiveServer, job: Job) -> None:
    paths = every_path(server, job)
    assert len(paths) > 18
    for path in paths:
        whole, head = server.http.get(path), server.http.head(path)
        # The broker of this server is down.
        assert head.status_code == whole.status_code == (503 if path == "/readyz" else 200), path
        assert head.content == b"", path
        assert {name: head.headers.get(name) for name in whole.headers if name not in OWN} == {
            name: value for name, value in whole.headers.items() if name not in OWN
        }, path
        if path not in ("/metrics", "/v1/jobs"):
            assert head.headers.get("content-length") == whole.headers.get("content-length"), path


@pytest.mark.parametrize("path", ["/nothing", "/v1/jobs/nothing", "/v1/jobs?limit=0", "/v1/hardware:resolve"])
def test_an_error_has_the_same_status(server: LiveServer, path: str) -> None:
    whole, head = server.http.get(path), server.http.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == "application/problem+json"


def test_no_event_is_looked_for_and_no_place_taken(
    server: LiveServer, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[Any] = []
    monkeypatch.setattr(EventHub, "follow", lambda *arguments: followed.append(arguments))
    waiting = server.jobs.create({"hardware": "ideal", "dataset": "digits"})
    for _ in range(3):
        head = server.http.head(f"/v1/jobs/{waiting.id}/events")
        assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert followed == []
    # The place is given back a moment after the answer.
    wait_until(lambda: server.services.events.places._taken.total() == 0)


def test_the_index_leads_everywhere(server: LiveServer) -> None:
    index = server.http.get("/").json()
    assert (index["name"], index["version"]) == ("mho", version("mho"))
    assert {"docs", "openapi", "jobs", "health"} <= set(index["links"])
    for name, path in index["links"].items():
        assert server.http.get(path).status_code == (503 if name == "readiness" else 200), path


def test_what_is_not_there_names_the_page(server: LiveServer) -> None:
    assert "/docs" in problem_of(server.http.get("/nothing"), 404, "NOT_FOUND")["detail"]
