"""Files of the artifact store that are not what the manifest says: whoever asks for them is told so, on every route."""

from __future__ import annotations

import hashlib
import http.client
import io
import logging
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from app.client import Client, ProblemError
from app.files.stored_file import StoredFile
from app.routes import conductances
from tests.app.finished_jobs import stored_path, succeeded_job
from tests.app.live_server import LiveServer, live_server, problem_of, settings_for, wait_until
from worker.contract import Job

LARGE = np.random.default_rng(0).bytes((2 << 20) + 1000)
"""More than is sent from memory."""

FILES = {
    "weights.safetensors": b"\x10" + bytes(7) + b'{"a":"b"}' + bytes(range(256)),
    "tiles.json": b'{"format": "mho.tiles/1", "layers": []}',
    "netlist/fc1_0_0.sp": b"* tile fc1_0_0\n.end\n",
    "plots/ladder.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "large.bin": LARGE,
}


def flipped(place: Callable[[int], int]) -> Callable[[bytes], bytes]:
    def flip(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[place(len(content))] ^= 0x10
        return bytes(changed)

    return flip


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "the first byte": flipped(lambda size: 0),
    "the header": flipped(lambda size: min(size - 1, 45)),
    "the middle": flipped(lambda size: size // 2),
    "the last byte": flipped(lambda size: size - 1),
    "cut": lambda content: content[:-1],
    "longer": lambda content: content + b"\n",
    "empty": lambda content: b"",
    "gone": lambda content: None,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One of its own: what lies in its store is broken."""
    with live_server(settings_for(tmp_path_factory.mktemp("damaged"))) as running:
        yield running


@pytest.fixture(scope="module")
def job(server: LiveServer) -> Job:
    return succeeded_job(
        server.jobs, server.artifacts, **{name.replace("/", "__"): each for name, each in FILES.items()}
    )


def damage(path: Path, content: bytes | None) -> None:
    """Change a file, and let its times be as they were, as bits on a disk do that flip."""
    before = path.stat()
    if content is None:
        path.unlink()
        return
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def routes_of(job: Job, name: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Whatever is answered with bytes of a file, or made of them."""
    base = f"/v1/jobs/{job.id}"
    one = f"{base}/artifacts/{name}"
    yield from (("GET", one, {}), ("HEAD", one, {}), ("GET", f"{base}/artifacts.zip", {}))
    for asked in ("bytes=0-3", "bytes=2-3,5-6", "bytes=9-3"):
        yield "GET", one, {"Range": asked}
    if name == "conductances.npz":
        yield "GET", f"{base}/conductances", {}
        for layer in ("fc1", "fc2"):
            for form in ("npz", "csv", "json", "png"):
                yield from ((method, f"{base}/conductances/{layer}?format={form}", {}) for method in ("GET", "HEAD"))


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("name", [*FILES, "conductances.npz", "report.json"])
def test_what_is_damaged_is_said_so_on_every_route(server: LiveServer, job: Job, name: str, kind: str) -> None:
    path = stored_path(server.jobs, server.artifacts, job, name)
    content = path.read_bytes()
    # Known to be well a moment ago.
    assert server.http.get(f"/v1/jobs/{job.id}/artifacts/{name}").content == content
    damage(path, DAMAGES[kind](content))
    try:
        for method, url, headers in routes_of(job, name):
            response = server.http.request(method, url, headers=headers)
            assert response.status_code == 500, (method, url, headers)
            if method != "HEAD":
                detail = problem_of(response, 500, "ARTIFACT_LOST")["detail"]
                assert detail.startswith(
                    f"The file of {name} (SHA-256 {hashlib.sha256(content).hexdigest()}) is missing"
                )
                assert str(server.settings.home) not in detail
    finally:
        path.write_bytes(content)
    assert server.http.get(f"/v1/jobs/{job.id}/artifacts/{name}").content == content


@pytest.mark.parametrize("name", ["report.json", "large.bin", "conductances.npz"])
def test_bits_that_flip_under_the_same_times_are_never_sent_as_a_whole_file(
    server: LiveServer, job: Job, name: str
) -> None:
    path = stored_path(server.jobs, server.artifacts, job, name)
    content = path.read_bytes()
    damage(path, DAMAGES["the middle"](content))
    blobs, sha256 = server.services.blobs, hashlib.sha256(content).hexdigest()
    try:
        # As if the file had been found well just now, in the state in which it is.
        blobs.check.found_intact(sha256, blobs._identity(sha256))
        for method, url, headers in routes_of(job, name):
            response = server.http.request(method, url, headers=headers)
            if method == "HEAD" and "conductances/" not in url:
                assert response.status_code == 200
                blobs.check.found_intact(sha256, blobs._identity(sha256))
            elif "Range" not in headers:
                assert response.status_code == 500, (method, url)
                blobs.check.found_intact(sha256, blobs._identity(sha256))
    finally:
        path.write_bytes(content)


def test_what_is_whole_again_is_served_again(server: LiveServer, job: Job) -> None:
    path = stored_path(server.jobs, server.artifacts, job, "conductances.npz")
    content = path.read_bytes()
    damage(path, content[:-1])
    asked = list(routes_of(job, "conductances.npz"))
    try:
        assert {server.http.request(way, url, headers=fields).status_code for way, url, fields in asked} == {500}
        server.artifacts.blobs.put_bytes(content)
        assert {server.http.request(way, url, headers=fields).status_code for way, url, fields in asked} == {200, 206}
    finally:
        path.write_bytes(content)


def test_the_zip_names_the_file_that_is_damaged(server: LiveServer, job: Job) -> None:
    path = stored_path(server.jobs, server.artifacts, job, "plots/ladder.svg")
    content = path.read_bytes()
    damage(path, content[:-1] + b"<")
    try:
        problem = problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts.zip"), 500, "ARTIFACT_LOST")
    finally:
        path.write_bytes(content)
    assert "plots/ladder.svg" in problem["detail"]


def test_a_download_leaves_nothing_where_a_file_is_damaged(server: LiveServer, job: Job, tmp_path: Path) -> None:
    path = stored_path(server.jobs, server.artifacts, job, "tiles.json")
    content = path.read_bytes()
    damage(path, content.replace(b"1", b"2"))
    try:
        with Client(server.url) as client, pytest.raises(ProblemError, match=r"tiles\.json"):
            client.download(job.id, tmp_path / "out")
    finally:
        path.write_bytes(content)
    assert list(tmp_path.iterdir()) == []


def test_each_is_logged_and_counted_once_until_somebody_touches_it(
    server: LiveServer, job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    def counted() -> float:
        found = re.search(r"^mho_artifacts_lost_total (\S+)$", server.http.get("/metrics").text, re.MULTILINE)
        assert found is not None
        return float(found[1])

    path = stored_path(server.jobs, server.artifacts, job, "tiles.json")
    content = path.read_bytes()
    url, before = f"/v1/jobs/{job.id}/artifacts/tiles.json", counted()
    try:
        with caplog.at_level(logging.ERROR, "mho.blobs"):
            damage(path, content[:-1] + b"!")
            for method in ("GET", "HEAD", "GET"):
                assert server.http.request(method, url).status_code == 500
            assert counted() == before + 1
            path.unlink()
            assert server.http.get(url).status_code == server.http.get(url).status_code == 500
            assert counted() == before + 2
    finally:
        path.write_bytes(content)
    told = [record.getMessage() for record in caplog.records if record.name == "mho.blobs"]
    assert len(told) == 2
    assert told[0].startswith(
        f"tiles.json: the blob {path.name} in {server.settings.artifacts_url} is damaged: its byte"
    )
    assert told[1].startswith(f"tiles.json: the blob {path.name} is gone from {server.settings.artifacts_url}")
    assert all(each.endswith("`mho gc --verify` says who needs it") for each in told)


@pytest.mark.parametrize("rest", ["artifacts/huge.bin", "artifacts.zip"])
def test_one_that_is_damaged_while_it_is_sent_breaks_off(
    server: LiveServer, rest: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = LARGE * 10 + rest.encode()
    job = succeeded_job(server.jobs, server.artifacts, **{"huge.bin": content})
    path = stored_path(server.jobs, server.artifacts, job, "huge.bin")
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.request("GET", f"/v1/jobs/{job.id}/{rest}")
    answer = connection.getresponse()
    assert answer.status == 200
    got = answer.read(1000)
    # The rest of it is more than the system holds between server and client.
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    with caplog.at_level(logging.ERROR), pytest.raises(http.client.IncompleteRead) as raised:
        answer.read()
    got += raised.value.partial
    if rest == "artifacts.zip":
        assert not zipfile.is_zipfile(io.BytesIO(got))
    else:
        assert len(got) < len(content)
        assert content.startswith(got)
    connection.close()
    assert any("breaks off" in record.getMessage() for record in caplog.records)
    assert all(record.exc_info is None for record in caplog.records)


@pytest.mark.parametrize("form", ["npz", "csv", "json", "png"])
def test_a_layer_whose_file_is_damaged_after_the_look_breaks_off(
    server: LiveServer, job: Job, form: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = stored_path(server.jobs, server.artifacts, job, "conductances.npz")
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("fc1/g_pos.npy").header_offset + 400
    found = conductances.find_file

    def find_and_damage(*arguments: Any) -> StoredFile:
        file = found(*arguments)
        damage(path, flipped(lambda size: place)(content))
        return file

    monkeypatch.setattr(conductances, "find_file", find_and_damage)
    try:
        with caplog.at_level(logging.ERROR), pytest.raises(httpx.RemoteProtocolError):
            server.http.get(f"/v1/jobs/{job.id}/conductances/fc1?format={form}")
        wait_until(lambda: caplog.records)
    finally:
        path.write_bytes(content)
    told = [record for record in caplog.records if "breaks off" in record.getMessage()]
    assert [record.exc_info for record in told] == [None]
    assert [record for record in caplog.records if record.exc_info] == []


def test_parts_and_heads_rely_on_a_look_of_the_last_minute(server: LiveServer, job: Job) -> None:
    url, name = f"/v1/jobs/{job.id}/artifacts/large.bin", "large.bin"
    sha256 = stored_path(server.jobs, server.artifacts, job, name).name
    reads: list[str] = []
    blobs = server.services.blobs
    real = blobs._all
    blobs._all = lambda each: reads.append(each) or real(each)
    try:
        server.http.head(url)
        reads.clear()
        for headers in ({"Range": "bytes=0-9"}, {"Range": "bytes=-5"}):
            assert server.http.get(url, headers=headers).status_code == 206
        assert server.http.head(url).status_code == 200
        assert reads == []
        assert server.http.get(url).content == LARGE
        assert reads == [sha256]
    finally:
        del blobs._all
