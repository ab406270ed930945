"""What a hostile client sends: each is refused with a 4xx, soon, and the server keeps nothing of it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.app.finished_jobs import DOCUMENT, succeeded_job
from tests.app.live_server import LiveServer, live_server, settings_for
from worker.contract import Job

JSON = {"Content-Type": "application/json"}
LONGEST_ANSWER = 300_000
"""Bytes: what a body of a megabyte may lead to."""
GROWTH = 64 * 2**20
"""Bytes by which the process may grow over all of it, several times over: the allocator keeps some."""


def text(**changes: Any) -> bytes:
    return json.dumps(DOCUMENT | changes).encode()


def cell(levels: str) -> bytes:
    return b'{"dataset": "digits", "hardware": {"cell": {"levels": %s, "g_max": 5e-5}}}' % levels.encode()


BODIES: dict[str, bytes] = {
    "arrays in arrays": b"[" * 400_000,
    "closed arrays in arrays": b'{"labels": ' + b"[" * 400_000 + b"]" * 400_000 + b"}",
    "objects in objects": b'{"a":' * 150_000,
    "NaN": cell("NaN"),
    "Infinity": cell("-Infinity"),
    "more than a float holds": cell("1e999999"),
    "a number of many digits": cell("9" * 900_000),
    "a number of many decimals": cell("0." + "1" * 900_000),
    "a thousand million units": text(model={"type": "mlp", "hidden": [10**9]}),
    "a thousand million levels": cell("1000000000"),
    "a thousand million epochs": text(training={"epochs": 10**9}),
    "a thousand million chips": text(evaluation={"chips": 10**9}),
    "many layers": text(model={"type": "mlp", "hidden": [8] * 200_000}),
    "many faulty layers": text(model={"type": "mlp", "hidden": [0] * 200_000}),
    "many unknown keys": text(**{f"k{index}": index for index in range(60_000)}),
    "many labels": text(labels={f"k{index}": "" for index in range(60_000)}),
    "a long name": text(name="x" * 900_000),
    "a long unknown key": text(**{"k" * 900_000: 1}),
    "a long preset": text(hardware="x" * 900_000),
    "a preset that is a path": text(hardware="../../../../etc/passwd"),
    "a dataset that is a path": text(dataset="../../../../etc/passwd"),
    "a dataset with a NUL": text(dataset="digits\0"),
    "half a surrogate pair": b'{"dataset": "digits", "hardware": "ideal", "name": "\\ud800"}',
    "a key of the language": text(__class__={"__init__": {"__globals__": 1}}),
    "one key many times": b"{" + b'"dataset": "digits", ' * 40_000 + b'"hardware": "ideal"}',
    "not text": bytes(range(256)) * 3000,
}

NAMES = (
    "..",
    "../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "report.json%00.svg",
    "%c0%ae%c0%ae%c0%af",
    "a" * 5000,
    "*",
    "%25s%25n",
    "' OR '1'='1",
)
PATHS = (
    "/v1/jobs/{}",
    "/v1/jobs/{}/events",
    "/v1/jobs/JOB/artifacts/{}",
    "/v1/jobs/JOB/conductances/{}",
    "/v1/hardware/{}",
    "/v1/schemas/{}",
    "/docs/{}",
)


@pytest.fixture(scope="module")
def job(server: LiveServer) -> Job:
    return succeeded_job(server.jobs, server.artifacts)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/hardware:resolve"])
def test_a_hostile_body_is_refused(server: LiveServer, name: str, path: str) -> None:
    answer = server.http.post(path, content=BODIES[name], headers=JSON)
    assert 400 <= answer.status_code < 500, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < LONGEST_ANSWER


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_its_place(server: LiveServer, job: Job, path: str, name: str) -> None:
    target = path.replace("JOB", job.id).format(name.replace(" ", "%20"))
    status, headers, body = server.raw("GET", target)
    assert 400 <= status < 500, target
    assert b"root:" not in body
    assert headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "label=" + "k:v&label=" * 5000,
        "state=queued&" * 4000,
        "x=" * 20_000,
        "limit=" + "9" * 50_000,
        "limit=1e400",
        "name=" + "%00" * 1000,
        "created_after=" + "9" * 10_000,
        "cursor=" + "'" * 400,
    ],
    ids=lambda query: query[:12],
)
def test_a_hostile_query_is_refused(server: LiveServer, query: str) -> None:
    status, _, body = server.raw("GET", f"/v1/jobs?{query}")
    assert 400 <= status < 500
    assert len(body) < LONGEST_ANSWER


def spoken(server: LiveServer, sent: bytes) -> bytes:
    """What comes back; nothing where the server closes without a word while it is still being sent to."""
    address = urlsplit(server.url)
    found = b""
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while block := connection.recv(65_536):
                found += block
        except OSError:
            pass
    return found


FLOODS = {
    "many headers": b"GET /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-A: b\r\n" * 200_000 + b"\r\n",
    "a long header": b"GET /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"b" * 2_000_000 + b"\r\n\r\n",
    "headers without an end": b"GET /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-A: b\r\n" * 200_000,
    "a long path": b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "two lengths": b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "length and chunks": b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
    "a negative length": b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    "a chunk without an end": b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + b"a" * 2_000_000,
    "trailers without an end": b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-A: b\r\n" * 200_000,
    "a trailer without an end": b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: " + b"b" * 2_000_000,
    "many requests at once": b"GET /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20_000,
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "a header that ends a line": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: a\nSet-Cookie: b\r\n\r\n",
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_refused_or_cut_off(server: LiveServer, name: str) -> None:
    found = spoken(server, FLOODS[name])
    assert not found or found.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200"))
    assert b"Set-Cookie" not in found
    assert found.startswith(b"HTTP/1.1 200") <= (name == "a header that ends a line")
    assert server.http.get("/healthz").status_code == 200


def resident() -> int:
    """Bytes of memory that this process, in which the server runs, has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_memory_stays_as_it_was(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:

        def all_of_it() -> None:
            for body in BODIES.values():
                server.http.post("/v1/jobs", content=body, headers=JSON)
            for flood in FLOODS.values():
                spoken(server, flood)

        # What is loaded and kept for good comes with the first time.
        all_of_it()
        before = resident()
        for _ in range(3):
            all_of_it()
        assert resident() - before < GROWTH
        assert server.http.get("/v1/jobs").json()["jobs"] == []
