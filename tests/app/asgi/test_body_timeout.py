"""A body that does not come is not waited for."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.app.finished_jobs import DOCUMENT
from tests.app.live_server import LiveServer, live_server, settings_for

HEAD = b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"


def answer(server: LiveServer, sent: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(sent)
        found = b""
        while block := connection.recv(65_536):
            found += block
    return found


def test_a_slow_body_is_a_408_and_the_connection_is_closed(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path, body_seconds=0.2)) as server:
        for part in (b"", b'{"dataset":'):
            found = answer(server, HEAD + part)
            assert found.startswith(b"HTTP/1.1 408 ")
            assert b"application/problem+json" in found
            assert b"REQUEST_TIMEOUT" in found
            assert b"MHO_BODY_SECONDS" in found
        assert server.http.post("/v1/jobs", json=DOCUMENT).status_code == 202
        assert len(server.http.get("/v1/jobs").json()["jobs"]) == 1


def test_a_long_answer_is_not_cut_off(tmp_path: Path) -> None:
    """Following a job takes longer than any body may."""
    with live_server(settings_for(tmp_path, body_seconds=0.05)) as server:
        job_id = server.jobs.create(DOCUMENT).id
        with server.http.stream("GET", f"/v1/jobs/{job_id}/events") as stream:
            lines = stream.iter_lines()
            while "queued" not in next(lines):
                pass
            server.jobs.claim(job_id, "tests", 60)
            while "started" not in next(lines):
                pass
            server.jobs.request_cancel(job_id)
            server.jobs.hand_back(job_id, 1)
            assert any("cancelled" in line for line in lines)
