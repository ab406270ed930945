"""The bounds on what a connection may send, and that what is within them is answered as ever."""

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.serving.http_protocol import MOST_BARREN, MOST_HEAD, MOST_PIPELINED, BoundedHttp
from tests.app.finished_jobs import succeeded_job
from tests.app.live_server import LiveServer, live_server, settings_for, wait_until

HOST = b"Host: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with live_server(settings_for(tmp_path_factory.mktemp("home"))) as server:
        yield server


def answers(server: LiveServer, sent: bytes, most: int = 1000) -> list[tuple[int, dict[str, Any]]]:
    """Status and document of every answer to these bytes, until the server closes or there are so many."""
    address = urlsplit(server.url)
    read: list[tuple[int, dict[str, Any]]] = []
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        try:
            connection.sendall(sent)
            with connection.makefile("rb") as stream:
                while len(read) < most and (line := stream.readline()):
                    headers = http.client.parse_headers(stream)
                    read.append((int(line.split()[1]), json.loads(stream.read(int(headers["Content-Length"])))))
        except OSError:
            pass
    return read


def get(path: bytes, *headers: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"".join(headers) + b"\r\n"


def test_a_few_requests_at_once_are_answered_in_their_order(server: LiveServer) -> None:
    sent = get(b"/healthz") + get(b"/v1/nothing") + get(b"/v1/jobs", b"Connection: close\r\n")
    assert [status for status, _ in answers(server, sent)] == [200, 404, 200]


def test_more_wait_on_no_connection(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    longest = 0
    complete = BoundedHttp.on_headers_complete

    def noted(self: BoundedHttp) -> None:
        nonlocal longest
        try:
            complete(self)
        finally:
            longest = max(longest, len(self.pipeline))

    monkeypatch.setattr(BoundedHttp, "on_headers_complete", noted)
    answers(server, get(b"/v1/nothing") * 2000)
    assert 0 < longest <= MOST_PIPELINED + 1


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (b"X-A: " + b"b" * (MOST_HEAD + 1000) + b"\r\n" + HOST, str(MOST_HEAD)),
        (HOST + HOST, "2 Host headers"),
        (b"", "0 Host headers"),
    ],
    ids=["a large head", "two hosts", "no host"],
)
def test_what_is_refused_is_a_problem_that_says_why(server: LiveServer, headers: bytes, said: str) -> None:
    ((status, problem),) = answers(server, b"GET /healthz HTTP/1.1\r\n" + headers + b"\r\n")
    assert (status, problem["reason"]) == (400, "BAD_REQUEST")
    assert said in problem["detail"]


def test_a_head_within_the_bound_is_read(server: LiveServer) -> None:
    large = b"X-A: " + b"b" * (MOST_HEAD - 1000) + b"\r\n"
    assert [status for status, _ in answers(server, get(b"/healthz", large, b"Connection: close\r\n"))] == [200]


def test_a_large_body_before_the_beginning_of_another_request_is_answered(server: LiveServer) -> None:
    body = b" " * (2 * MOST_BARREN) + b"{"
    post = b"POST /v1/jobs HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    post += f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    ((status, problem),) = answers(server, post + b"GET / HTT", most=1)
    assert (status, problem["reason"]) == (400, "MALFORMED_JSON")


def test_what_comes_after_a_chunked_body_is_no_header(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[bytes]] = []
    complete = BoundedHttp.on_message_complete

    def noted(self: BoundedHttp) -> None:
        seen.append([name for name, _ in self.headers])
        complete(self)

    monkeypatch.setattr(BoundedHttp, "on_message_complete", noted)
    post = b"POST /v1/jobs HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    answers(server, post + b"Connection: close\r\n\r\n1\r\n{\r\n0\r\nAuthorization: Bearer x\r\nHost: evil\r\n\r\n")
    wait_until(lambda: seen)
    assert seen == [[b"host", b"content-type", b"transfer-encoding", b"connection"]]


def whole_answer(server: LiveServer, sent: bytes) -> tuple[bytes, bytes]:
    """Head and body of what a server says until it ends the connection."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(sent)
        head, _, body = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")
    return head.lower(), body


@pytest.mark.parametrize("rest", ["artifacts.zip", "conductances/fc1", "events", "artifacts/report.json", "artifacts"])
@pytest.mark.parametrize("headers", [b"", b"Connection: keep-alive\r\nExpect: 100-continue\r\n"], ids=["", "kept"])
def test_a_client_of_http_1_0_gets_no_chunks(server: LiveServer, rest: str, headers: bytes) -> None:
    job = succeeded_job(server.jobs, server.artifacts)
    path = f"/v1/jobs/{job.id}/{rest}"
    head, body = whole_answer(server, f"GET {path} HTTP/1.0\r\n".encode() + HOST + headers + b"\r\n")
    assert head.startswith(b"http/1.1 200")
    assert b"\r\nconnection: close" in head
    assert b"transfer-encoding" not in head
    assert body == server.http.get(path).content
    asked = f"HEAD {path} HTTP/1.0\r\n".encode() + HOST + headers + b"\r\n"
    assert whole_answer(server, asked)[1] == b""
