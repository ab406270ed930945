"""What has one value is sent once: of two, one would be dropped in silence."""

from __future__ import annotations

import httpx
import pytest

from app.asgi.single_headers import SINGLE
from tests.app.live_server import LiveServer, problem_of

JOB = {"hardware": "ideal", "dataset": "digits"}


@pytest.mark.parametrize("name", sorted(SINGLE - {"Content-Length"}))
def test_a_header_that_comes_twice_is_refused_by_its_name(server: LiveServer, name: str) -> None:
    twice = httpx.Headers([(name, "application/json"), (name, "application/json")])
    for method, path in (("POST", "/v1/jobs"), ("GET", "/healthz")):
        problem = problem_of(server.http.request(method, path, headers=twice), 400, "BAD_REQUEST")
        assert f"2 {name} headers" in problem["detail"]


def test_no_job_is_made_with_two_keys(server: LiveServer) -> None:
    before = server.http.get("/v1/jobs?limit=1").json()
    keys = [("Idempotency-Key", "first"), ("Idempotency-Key", "second")]
    problem_of(server.http.post("/v1/jobs", json=JOB, headers=httpx.Headers(keys)), 400, "BAD_REQUEST")
    assert server.http.get("/v1/jobs?limit=1").json() == before


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/hardware:resolve"])
def test_a_second_encoding_is_not_overlooked(server: LiveServer, path: str) -> None:
    headers = [("Content-Encoding", "identity"), ("Content-Encoding", "gzip"), ("Content-Type", "application/json")]
    response = server.http.post(path, content=b"{}", headers=httpx.Headers(headers))
    problem_of(response, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("method", "url", "names"),
    [
        ("GET", "/v1/jobs?limit=1&limit=2", ["limit"]),
        ("GET", "/v1/jobs?limit=1&%6cimit=1", ["limit"]),
        ("GET", "/v1/jobs?cursor=&name=a&cursor=&name=b", ["name", "cursor"]),
        ("GET", "/v1/jobs?created_after=2026-01-01T00:00:00Z&created_after=2026-01-01T00:00:00Z", ["created_after"]),
        ("GET", "/v1/datasets?limit=1&limit=1", ["limit"]),
        ("POST", "/v1/datasets?name=a&name=b", ["name"]),
        ("GET", "/v1/jobs/x/conductances/fc1?format=csv&format=npz", ["format"]),
    ],
)
def test_a_parameter_that_comes_twice_is_refused_by_its_name(
    server: LiveServer, method: str, url: str, names: list[str]
) -> None:
    problem = problem_of(server.http.request(method, url), 422, "INVALID_PARAMETER")
    assert [fault["parameter"] for fault in problem["errors"]] == names
    assert {fault["allowed"] for fault in problem["errors"]} == {"one value"}


def test_what_is_a_list_comes_as_often_as_it_likes(server: LiveServer) -> None:
    query = "state=queued&state=running&label=a:1&label=b:2&limit=1"
    assert server.http.get(f"/v1/jobs?{query}").status_code == 200
