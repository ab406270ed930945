"""The server behind a proxy that has it under a path (MHO_ROOT_PATH)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.cli.program import run
from app.client import Client
from tests.app.finished_jobs import succeeded_job
from tests.app.live_server import LiveServer, live_server, settings_for

JOB = {"hardware": "ideal", "dataset": "digits"}
ROOT = "/tools/mho"


@pytest.fixture(scope="module")
def rooted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose proxy leaves the path as it is: it is asked as the proxy would ask."""
    with live_server(settings_for(tmp_path_factory.mktemp("rooted"), root_path=f"{ROOT}/")) as server:
        yield server


def test_a_prefix_is_never_the_beginning_of_a_path_of_the_server(rooted: LiveServer, tmp_path: Path) -> None:
    own = {path.split("/")[1] for path in rooted.app.openapi()["paths"]} | {"docs", "openapi.json"}
    for name in own - {""}:
        with pytest.raises(ValidationError, match="paths of the server's own begin like that"):
            settings_for(tmp_path, root_path=f"/{name}/mho")


def links_in(node: Any) -> Iterator[str]:
    """Every path that an answer names."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "href" or (key in ("links", "servers") and isinstance(value, dict)):
                yield from [value] if isinstance(value, str) else value.values()
            else:
                yield from links_in(value)
    elif isinstance(node, list):
        for each in node:
            yield from links_in(each)


@pytest.mark.parametrize("before", [ROOT, ""], ids=["left by the proxy", "taken off by the proxy"])
def test_every_link_begins_with_it_and_leads_somewhere(rooted: LiveServer, before: str) -> None:
    done = succeeded_job(rooted.jobs, rooted.artifacts)
    posted = rooted.http.post(f"{before}/v1/jobs", json=JOB)
    assert posted.headers["location"] == f"{ROOT}/v1/jobs/{posted.json()['id']}"
    cancelled = rooted.http.post(f"{before}/v1/jobs/{posted.json()['id']}/cancel")
    assert cancelled.headers["location"] == posted.headers["location"]
    named = []
    for path in (
        "/",
        "/v1/jobs?limit=2",
        f"/v1/jobs/{done.id}",
        f"/v1/jobs/{done.id}/artifacts",
        f"/v1/jobs/{done.id}/conductances",
        "/v1/hardware",
        "/v1/hardware/fefet-2b",
        "/v1/schemas",
    ):
        found = list(links_in(rooted.http.get(before + path).json()))
        assert found, path
        named += found
    assert [path for path in named if not path.startswith(f"{ROOT}/")] == []
    for path in {path for path in named if not path.endswith(("/cancel", "/readyz"))}:
        # A job that has not succeeded has no files yet.
        assert rooted.http.get(path).status_code in (200, 409), path


def test_the_page_and_the_document_follow(rooted: LiveServer) -> None:
    page = rooted.http.get(f"{ROOT}/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    for path in loaded:
        assert path.startswith(f"{ROOT}/docs/")
        assert rooted.http.get(path).status_code == 200, path
    assert f'url: "{ROOT}/openapi.json"' in rooted.http.get(f"{ROOT}/docs/start.js").text
    assert rooted.http.get(f"{ROOT}/openapi.json").json()["servers"] == [{"url": ROOT}]


def test_the_prefix_alone_is_the_index(rooted: LiveServer) -> None:
    for path in (ROOT, f"{ROOT}/"):
        assert rooted.http.get(path).json()["name"] == "mho"
    for path in (f"{ROOT}x/v1/jobs", f"{ROOT}{ROOT}/v1/jobs", "/tools"):
        assert rooted.http.get(path).status_code == 404, path


def test_limits_and_names_hold_under_it(rooted: LiveServer) -> None:
    """What looks at the path before any route does, does so without the prefix."""
    large = b" " * (rooted.settings.max_body_bytes + 1)
    upload = rooted.http.post(
        f"{ROOT}/v1/datasets", content=large, headers={"Content-Type": "application/octet-stream"}
    )
    assert upload.json()["reason"] == "DATASET_INVALID"
    assert rooted.http.post(f"{ROOT}/v1/jobs", content=large).json()["reason"] == "BODY_TOO_LARGE"


def test_client_and_commands_work_with_it(
    rooted: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = succeeded_job(rooted.jobs, rooted.artifacts)
    with Client(f"{rooted.url}{ROOT}/") as client:
        assert client.get(done.id)["links"]["self"] == f"{ROOT}/v1/jobs/{done.id}"
        assert (client.download(done.id, tmp_path / "by client") / "report.json").is_file()
        assert set(client.conductances(done.id, "fc1")) == {"g_pos", "g_neg", "code_pos", "code_neg"}
    monkeypatch.setenv("MHO_URL", f"{rooted.url}{ROOT}")
    assert run(["get", done.id, "--out", str(tmp_path / "by command")]) == 0
    assert (tmp_path / "by command" / "report.json").is_file()
    assert run(["list"]) == 0
    assert done.id in capsys.readouterr().out


def test_links_of_a_server_that_does_not_know_of_its_path_are_under_it_as_well(rooted: LiveServer) -> None:
    done = succeeded_job(rooted.jobs, rooted.artifacts)
    with Client(f"{rooted.url}{ROOT}") as client:
        told, read = client.artifacts(done.id)[0]["href"], client._connection.bytes_of
        assert b"".join(read(told.removeprefix(ROOT), 0)) == b"".join(read(told, 0))
