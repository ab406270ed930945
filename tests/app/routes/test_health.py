"""`/healthz` and `/readyz`, with dependencies that are there and that are not."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

from tests.app.live_server import NOBODY, LiveServer, live_server, problem_of, settings_for


def test_healthz_answers_without_any_dependency(server: LiveServer) -> None:
    response = server.http.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_says_that_the_broker_is_missing(server: LiveServer) -> None:
    before = time.monotonic()
    problem = problem_of(server.http.get("/readyz"), 503, "NOT_READY")
    assert time.monotonic() - before < 20  # it answers instead of hanging
    assert problem["dependencies"]["database"] == "ok"
    assert problem["dependencies"]["artifacts"] == "ok"
    assert "MHO_BROKER_URL" in problem["dependencies"]["broker"]
    assert "broker" in problem["detail"]


def test_readyz_does_not_wait_for_a_broker_that_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with live_server(settings_for(tmp_path, broker_url=f"redis://127.0.0.1:{port}/0")) as server:
            before = time.monotonic()
            problem = problem_of(server.http.get("/readyz"), 503, "NOT_READY")
            assert time.monotonic() - before < 20  # it answers instead of hanging
            assert problem["dependencies"]["broker"] != "ok"
            assert problem["dependencies"]["database"] == "ok"


def test_readyz_says_that_the_artifacts_folder_is_gone(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        folder = tmp_path / "artifacts"
        folder.rmdir()
        problem = problem_of(server.http.get("/readyz"), 503, "NOT_READY")
        assert str(folder) in problem["dependencies"]["artifacts"]


def test_readyz_says_that_the_database_is_broken_and_the_server_lives_on(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        for file in tmp_path.glob("mho.sqlite3*"):
            file.write_bytes(b"no database any more" * 400)
        problem = problem_of(server.http.get("/readyz"), 503, "NOT_READY")
        assert problem["dependencies"]["database"] != "ok"
        problem_of(server.http.get("/v1/jobs"), 503, "STORE_UNAVAILABLE")
        assert server.http.get("/healthz").status_code == 200


def test_no_configured_broker_is_said_so(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path, broker_url=None)) as server:
        problem = problem_of(server.http.get("/readyz"), 503, "NOT_READY")
        assert "no broker is configured" in problem["dependencies"]["broker"]


def test_posting_does_not_wait_for_a_broker_that_is_down(server: LiveServer) -> None:
    assert server.settings.broker_url == NOBODY
    before = time.monotonic()
    response = server.http.post("/v1/jobs", json={"hardware": "ideal", "dataset": "digits"})
    assert response.status_code == 202
    assert time.monotonic() - before < 20  # it answers instead of hanging


def test_stopping_the_server_stops_its_threads(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with live_server(settings_for(tmp_path)):
        started = {thread for thread in threading.enumerate() if thread.name == "mho-reconciler"} - before
        assert len(started) == 1
    assert not started & set(threading.enumerate())
