"""The files of a job over HTTP where they are in S3: the same answers as from a folder."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import obstore
import pytest

from tests.app.finished_jobs import layer_arrays, succeeded_job
from tests.app.live_server import LiveServer, live_server, problem_of, settings_for
from tests.s3 import environment_for, new_bucket, s3_endpoint
from tests.worker.manifests import digest_in_manifest
from worker.babysit.sitters.babysitter import Babysitter
from worker.contract import Job, JobState, collect_garbage

CSV = bytes(range(256)) * 40
ATTEMPT = Path(__file__).parents[2] / "worker" / "pretended_attempt.py"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with s3_endpoint() as endpoint, pytest.MonkeyPatch.context() as patch:
        for name, value in environment_for(endpoint).items():
            patch.setenv(name, value)
        url = f"s3://{new_bucket(endpoint)}/mho"
        with live_server(settings_for(tmp_path_factory.mktemp("home"), artifacts_url=url)) as running:
            yield running


@pytest.fixture(scope="module")
def job(server: LiveServer) -> Job:
    return succeeded_job(server.jobs, server.artifacts, **{"conductances__fc1.csv": CSV, "odd name #1.txt": b"x"})


def test_a_file_that_is_damaged_is_said_so(server: LiveServer) -> None:
    large = bytes(range(256)) * 10_000
    job = succeeded_job(server.jobs, server.artifacts, **{"large.bin": large, "small.bin": CSV})
    blobs = server.artifacts.blobs
    for name, content in (("large.bin", large), ("small.bin", CSV), ("conductances.npz", None)):
        sha256 = digest_in_manifest(server.jobs, job.id, name)
        content = b"".join(blobs.read(sha256)) if content is None else content
        url = f"/v1/jobs/{job.id}/artifacts/{name}"
        routes = [("GET", url, {}), ("HEAD", url, {}), ("GET", url, {"Range": "bytes=0-9"})]
        routes += [("GET", f"/v1/jobs/{job.id}/artifacts.zip", {})]
        if name == "conductances.npz":
            routes += [
                ("GET", f"/v1/jobs/{job.id}/conductances/fc1?format={form}", {}) for form in ("csv", "png", "npz")
            ]
        assert server.http.get(url).content == content
        for damaged in (content[:-1], content[:50] + b"\0\1" + content[52:], None):
            if damaged is None:
                blobs.delete(sha256)
            else:
                obstore.put(blobs._store(), f"sha256/{sha256[:2]}/{sha256}", damaged)
            for method, path, headers in routes:
                assert server.http.request(method, path, headers=headers).status_code == 500, (method, path, headers)
            problem_of(server.http.get(url), 500, "ARTIFACT_LOST")
        blobs.put_bytes(content)
        assert {server.http.request(way, path, headers=each).status_code for way, path, each in routes} == {200, 206}


def test_every_file_of_the_list_arrives(server: LiveServer, job: Job) -> None:
    listed = server.http.get(f"/v1/jobs/{job.id}/artifacts").json()["artifacts"]
    assert len(listed) == 5
    for entry in listed:
        response = server.http.get(entry["href"])
        digest = hashlib.sha256(response.content)
        assert digest.hexdigest() == entry["sha256"]
        assert response.headers["content-length"] == str(entry["size"])
        assert response.headers["content-type"] == entry["media_type"]
        assert response.headers["etag"] == f'"sha256-{entry["sha256"]}"'
        assert response.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        assert response.headers["accept-ranges"] == "bytes"
        assert response.headers["content-disposition"].startswith("attachment; filename")
        head = server.http.head(entry["href"])
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(entry["size"])
        unchanged = server.http.get(entry["href"], headers={"If-None-Match": response.headers["etag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-9", CSV[:10]),
        ("bytes=100-", CSV[100:]),
        ("bytes=-5", CSV[-5:]),
        ("bytes=-99999", CSV),
        (f"bytes={len(CSV) - 1}-{len(CSV) + 100}", CSV[-1:]),
    ],
)
def test_ranges(server: LiveServer, job: Job, asked: str, expected: bytes) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv"
    response = server.http.get(url, headers={"Range": asked})
    assert (response.status_code, response.content) == (206, expected)
    first = CSV.index(expected) if len(expected) > 5 else len(CSV) - len(expected)
    assert response.headers["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{len(CSV)}"
    assert response.headers["content-length"] == str(len(expected))
    tag = response.headers["etag"]
    assert server.http.get(url, headers={"Range": asked, "If-Range": tag}).status_code == 206
    changed = server.http.get(url, headers={"Range": asked, "If-Range": '"sha256-00"'})
    assert (changed.status_code, changed.content) == (200, CSV)


@pytest.mark.parametrize("asked", ["bytes=9-3", "bytes=x-y", "lines=1-2", "bytes=", "bytes=-", "bytes=0-1,5-6"])
def test_ranges_that_are_none_or_several_get_the_whole_file(server: LiveServer, job: Job, asked: str) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv", headers={"Range": asked})
    assert (response.status_code, response.content) == (200, CSV)


@pytest.mark.parametrize("asked", [f"bytes={len(CSV)}-", "bytes=-0"])
def test_a_range_outside_the_file_is_a_416(server: LiveServer, job: Job, asked: str) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv", headers={"Range": asked})
    problem_of(response, 416, "RANGE_NOT_SATISFIABLE")
    assert response.headers["content-range"] == f"bytes */{len(CSV)}"


def test_all_files_come_in_one_zip(server: LiveServer, job: Job) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/artifacts.zip")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        assert archive.read("conductances/fc1.csv") == CSV
        assert len(archive.namelist()) == 5


def test_one_layer_is_read_without_the_file(server: LiveServer, job: Job) -> None:
    index = server.http.get(f"/v1/jobs/{job.id}/conductances").json()["layers"]
    assert [(layer["name"], layer["rows"], layer["cols"]) for layer in index] == [("fc1", 65, 8), ("fc2", 9, 10)]
    layer = server.http.get(f"/v1/jobs/{job.id}/conductances/fc2").json()
    assert layer["g_pos"] == layer_arrays()["fc2/g_pos"].tolist()
    npz = server.http.get(f"/v1/jobs/{job.id}/conductances/fc1?format=npz").content
    with np.load(io.BytesIO(npz)) as arrays:
        assert np.array_equal(arrays["fc1/g_neg"], layer_arrays()["fc1/g_neg"])


def test_readyz_has_written_into_the_bucket(server: LiveServer) -> None:
    assert server.http.get("/readyz").json()["dependencies"]["artifacts"] == "ok"


def test_a_file_that_is_gone_is_said_so(server: LiveServer) -> None:
    job = succeeded_job(server.jobs, server.artifacts, gone=b"of this test alone")
    server.artifacts.blobs.delete(digest_in_manifest(server.jobs, job.id, "gone"))
    problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts/gone"), 500, "ARTIFACT_LOST")
    problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts.zip"), 500, "ARTIFACT_LOST")


def test_a_worker_hands_in_and_garbage_goes(server: LiveServer) -> None:
    job_id = server.jobs.create({"kind": "compile"}).id
    command = (sys.executable, "-S", str(ATTEMPT), "succeed")
    assert Babysitter(server.jobs, server.settings, "t", attempt_command=command).run(job_id) is JobState.SUCCEEDED
    report = server.http.get(f"/v1/jobs/{job_id}/artifacts/report.json")
    assert report.json() == {"ladder": []}
    garbage = server.artifacts.blobs.put_bytes(os.urandom(8)).sha256
    # The bucket's clock cannot be turned back: a grace that is over at once does the same.
    settings = server.settings.model_copy(update={"gc_grace_seconds": -timedelta(hours=1).total_seconds()})
    found = collect_garbage(server.jobs, server.artifacts.blobs, settings)
    assert garbage in {blob.sha256 for blob in found.blobs}
    assert server.http.get(f"/v1/jobs/{job_id}/artifacts/report.json").content == report.content


def test_a_bucket_that_does_not_answer_is_a_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_endpoint() as endpoint:
        for name, value in environment_for(endpoint).items():
            monkeypatch.setenv(name, value)
        settings = settings_for(tmp_path, artifacts_url=f"s3://{new_bucket(endpoint)}")
        with live_server(settings) as server:
            job = succeeded_job(server.jobs, server.artifacts)
            url = f"/v1/jobs/{job.id}/artifacts/report.json"
            assert server.http.get(url).status_code == 200
            server.artifacts.blobs.delete(digest_in_manifest(server.jobs, job.id, "report.json"))
            problem_of(server.http.get(url), 500, "ARTIFACT_LOST")
            monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with live_server(settings_for(tmp_path, artifacts_url="s3://bucket")) as server:
        problem = problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts/report.json"), 503, "ARTIFACTS_UNAVAILABLE")
        assert "AWS_" in problem["detail"]
        assert server.http.get("/healthz").status_code == 200
