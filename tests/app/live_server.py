"""A real server for the tests: uvicorn on a free loopback port, in a thread of its own."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.main import create_app
from app.services.services import Services, services_of
from app.serving.http_server import server_config
from app.serving.listener import LOOPBACK_NAMES, bind
from worker.contract import ArtifactStore, JobStore, Settings

NOBODY = "redis+socket:///nonexistent/mho.sock"
"""A broker that is down."""


@dataclass(frozen=True)
class LiveServer:
    """A server that answers, and the real stores behind it."""

    url: str
    app: FastAPI
    settings: Settings
    jobs: JobStore
    artifacts: ArtifactStore
    http: httpx.Client

    @property
    def services(self) -> Services:
        return services_of(self.app)

    def raw(
        self, method: str, target: str, body: Any = None, headers: dict[str, str] | None = None, **options: Any
    ) -> tuple[int, dict[str, str], bytes]:
        """A request whose target goes out exactly as written."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            connection.request(method, target, body, headers or {}, **options)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def settings_for(home: Path, **changes: Any) -> Settings:
    """Settings of a service of its own in a folder, with a broker that is down unless one is named."""
    return Settings(**{"home": home, "broker_url": NOBODY, **changes})


@contextmanager
def live_server(
    settings: Settings, port: int = 0, hosts: frozenset[str] | None = LOOPBACK_NAMES
) -> Iterator[LiveServer]:
    """Start a server, stop it at the end."""
    app = create_app(settings, hosts=hosts)
    with serving(app, port) as url, httpx.Client(base_url=url, timeout=30, trust_env=False) as http_client:
        jobs = JobStore(settings.database_url)
        yield LiveServer(url, app, settings, jobs, ArtifactStore.of(settings), http_client)
        jobs.close()


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Any application on a port of its own, at the URL that this gives."""
    listener = bind("127.0.0.1", port)
    server = uvicorn.Server(server_config(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="live-server")
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        assert server.started
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
    assert not thread.is_alive()


def wait_until(condition: Any, seconds: float = 20.0) -> None:
    """Ask until it holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        threading.Event().wait(0.02)


def problem_of(response: httpx.Response, status: int, reason: str) -> dict[str, Any]:
    """The problem document of an answer, checked in its form."""
    assert response.status_code == status, response.text
    return check_problem(dict(response.headers), response.content, status, reason)


def check_problem(headers: dict[str, str], body: bytes, status: int, reason: str) -> dict[str, Any]:
    """The problem document of a raw answer, checked in its form."""
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    problem: dict[str, Any] = json.loads(body)
    assert problem["status"] == status
    assert problem["reason"] == reason
    assert problem["type"] == "urn:mho:problem:" + reason.lower().replace("_", "-")
    assert problem["title"]
    assert problem["detail"]
    return problem
