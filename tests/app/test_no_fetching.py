"""The server fetches nothing for a client: no document says where to, and one that tries is refused."""

from __future__ import annotations

import copy
import re
import socket
import threading
from typing import Any

import pytest

from hwcore.datasets.official import CIFAR10, OFFICIAL
from tests.app.live_server import LiveServer, problem_of
from tests.conftest import REPOSITORY

JOB: dict[str, Any] = {
    "kind": "compile",
    "hardware": {"format": "mho.hardware/1", "cell": {"levels": 4, "g_max": 5e-5}},
    "dataset": "digits",
    "model": {"type": "mlp", "hidden": [8]},
    "training": {"optimizer": "adam"},
}
PLACES = (
    ("hardware",),
    ("hardware", "format"),
    ("hardware", "cell", "spacing"),
    ("hardware", "cell", "spacing", "type"),
    ("hardware", "noise", "programming"),
    ("dataset",),
    ("dataset", "type"),
    ("dataset", "id"),
    ("dataset", "url"),
    ("model",),
    ("model", "type"),
    ("model", "url"),
    ("model", "weights"),
    ("training", "optimizer"),
    ("callback",),
    ("webhook",),
    ("kind",),
    ("$schema",),
)


class Listening:
    """Counts who connects."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/x"
        self.connections = 0
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            with connection:
                if connection.recv(1) == b".":
                    return
                self.connections += 1

    def stop(self) -> int:
        """How many connected; whoever connected before is counted first."""
        with socket.create_connection(self.socket.getsockname()) as last:
            last.sendall(b".")
        self._thread.join()
        self.socket.close()
        return self.connections


@pytest.fixture
def listening() -> Listening:
    return Listening()


def with_text_at(place: tuple[str, ...], text: str) -> dict[str, Any]:
    """The job with the text at one place."""
    document = copy.deepcopy(JOB)
    node = document
    for key in place[:-1]:
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]
    node[place[-1]] = text
    return document


def test_a_document_with_a_url_is_refused_and_nobody_is_asked(server: LiveServer, listening: Listening) -> None:
    host = listening.url.removeprefix("http://")
    try:
        for place in PLACES:
            for text in (listening.url, f"//{host}", f"redis://{host}", "file:///etc/passwd"):
                for path in ("/v1/jobs", "/v1/hardware:resolve"):
                    response = server.http.post(path, json=with_text_at(place, text))
                    assert "passwd" not in response.text or "root:" not in response.text
                    problem_of(response, 422, "INVALID_INPUT")
        for header in ("Referer", "Origin", "X-Forwarded-Host", "Forwarded", "Link", "Callback"):
            server.http.post("/v1/jobs", json=JOB, headers={header: listening.url})
    finally:
        connections = listening.stop()
    assert connections == 0


def test_text_that_may_hold_anything_is_only_kept(server: LiveServer, listening: Listening) -> None:
    """A name and a label are for people: a URL in them is a text."""
    try:
        job = {**JOB, "name": listening.url, "labels": {"wiki": listening.url}}
        created = server.http.post("/v1/jobs", json=job)
        assert created.status_code == 202
        kept = server.http.get(created.headers["location"]).json()
        assert (kept["name"], kept["labels"]["wiki"]) == (listening.url, listening.url)
    finally:
        connections = listening.stop()
    assert connections == 0


def test_what_is_downloaded_is_from_a_fixed_list() -> None:
    """The one outgoing request of a job: an official dataset, by a URL in the source, checked by its digest."""
    urls = [
        url for official in (*OFFICIAL.values(), CIFAR10) for download in official.downloads for url in download.urls
    ]
    assert urls
    assert all(url.startswith("https://") for url in urls)


def test_no_other_part_of_the_service_can_ask_anybody() -> None:
    """Names the modules that import an HTTP client: the client of the command line, and the download of datasets."""
    importing = re.compile(
        r"^\s*(?:import|from) (?:httpx|requests|urllib3|urllib\.request|pooch|aiohttp|http\.client)\b", re.M
    )
    found = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("app", "worker", "hwcore")
        for path in (REPOSITORY / folder).rglob("*.py")
        if importing.search(path.read_text(encoding="utf-8"))
    }
    client = {f"app/client/{name}.py" for name in ("client", "auth", "connection", "url")}
    assert found == client | {"hwcore/datasets/download.py"}
