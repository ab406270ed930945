"""The files of a job over HTTP: list, whole, ranges, digests, and no way out of the manifest."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.app.finished_jobs import DOCUMENT, failed_job, stored_path, succeeded_job
from tests.app.live_server import LiveServer, check_problem, live_server, problem_of, settings_for
from tests.worker.manifests import digest_in_manifest
from worker.contract import Job, JobState

CSV = bytes(range(256)) * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
SP = b"* tile fc1_0_0\n.end\n"


@pytest.fixture(scope="module")
def job(server: LiveServer) -> Job:
    files = {"conductances__fc1.csv": CSV, "odd name #1.txt": b"x", "plots__ladder.svg": SVG, "netlist__fc1_0_0.sp": SP}
    return succeeded_job(server.jobs, server.artifacts, **files)


def test_the_list_has_size_digest_type_and_a_link_that_works(server: LiveServer, job: Job) -> None:
    listed = server.http.get(f"/v1/jobs/{job.id}/artifacts").json()["artifacts"]
    names = {"conductances.npz", "report.json", "manifest.json", "conductances/fc1.csv", "odd name #1.txt"}
    names |= {"plots/ladder.svg", "netlist/fc1_0_0.sp"}
    assert {entry["name"] for entry in listed} == names
    for entry in listed:
        response = server.http.get(entry["href"])
        assert response.status_code == 200
        assert len(response.content) == entry["size"] == int(response.headers["content-length"])
        assert hashlib.sha256(response.content).hexdigest() == entry["sha256"]
        assert response.headers["content-type"] == entry["media_type"]
    types = {entry["name"]: entry["media_type"] for entry in listed}
    assert types["report.json"] == "application/json"
    assert types["plots/ladder.svg"] == "image/svg+xml"
    assert types["netlist/fc1_0_0.sp"] == "text/plain; charset=utf-8"


def test_a_picture_is_downloaded_and_may_run_nothing(server: LiveServer, job: Job) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/artifacts/plots/ladder.svg")
    assert response.content == SVG
    assert response.headers["content-disposition"] == 'attachment; filename="ladder.svg"'
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_all_files_come_in_one_zip_under_their_names(server: LiveServer, job: Job) -> None:
    url = f"/v1/jobs/{job.id}/artifacts.zip"
    response = server.http.get(url)
    assert response.headers["content-type"] == "application/zip"
    assert response.headers["content-disposition"] == f'attachment; filename="{job.id}.zip"'
    listed = server.http.get(f"/v1/jobs/{job.id}/artifacts").json()["artifacts"]
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [entry["name"] for entry in listed]
        for entry in listed:
            content = archive.read(entry["name"])
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        compressed = {info.filename for info in archive.infolist() if info.compress_type == zipfile.ZIP_DEFLATED}
    assert {"plots/ladder.svg", "netlist/fc1_0_0.sp", "report.json"} <= compressed
    assert "conductances.npz" not in compressed
    assert server.http.get(url).content == response.content
    unchanged = server.http.get(url, headers={"If-None-Match": response.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_the_manifest_alone_answers_what_has_no_body(server: LiveServer) -> None:
    """Asked of a job one of whose files is gone: whoever looked at the files would say so."""
    job = succeeded_job(server.jobs, server.artifacts, gone=b"of another test alone")
    url = f"/v1/jobs/{job.id}/artifacts.zip"
    etag = server.http.get(url).headers["etag"]
    one = f"/v1/jobs/{job.id}/artifacts/gone"
    before = server.http.get(one).headers
    server.artifacts.blobs.delete(digest_in_manifest(server.jobs, job.id, "gone"))
    head = server.http.head(url)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    assert server.http.get(url, headers={"If-None-Match": etag}).status_code == 304
    for method in ("GET", "HEAD"):
        unchanged = server.http.request(method, one, headers={"If-None-Match": before["etag"]})
        assert unchanged.status_code == 304
        assert [unchanged.headers[name] for name in ("etag", "repr-digest", "cache-control")] == [
            before[name] for name in ("etag", "repr-digest", "cache-control")
        ]
    problem_of(server.http.get(one, headers={"If-None-Match": '"sha256-00"'}), 500, "ARTIFACT_LOST")


def test_a_zip_with_a_file_that_is_gone_is_refused_before_it_begins(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        job = succeeded_job(server.jobs, server.artifacts, **{"plots__ladder.svg": SVG})
        stored_path(server.jobs, server.artifacts, job, "plots/ladder.svg").unlink()
        problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts.zip"), 500, "ARTIFACT_LOST")


def test_a_job_with_very_many_files_names_some_of_them(server: LiveServer) -> None:
    files = {f"netlist__fc1_{number}_0.sp": SP for number in range(400)}
    job = succeeded_job(server.jobs, server.artifacts, **files)
    problem = problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts/nothing"), 404, "ARTIFACT_NOT_FOUND")
    assert problem["detail"].endswith(", and 373 more.")
    assert len(problem["detail"]) < 1500


def test_a_download_carries_its_digest(server: LiveServer, job: Job) -> None:
    response = server.http.get(f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv")
    digest = hashlib.sha256(CSV)
    assert response.content == CSV
    assert response.headers["etag"] == f'"sha256-{digest.hexdigest()}"'
    assert response.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response.headers["content-disposition"] == 'attachment; filename="fc1.csv"'
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_what_the_client_has_is_not_sent_again(server: LiveServer, job: Job, form: str) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/report.json"
    tag = server.http.get(url).headers["etag"]
    response = server.http.get(url, headers={"If-None-Match": form.format(tag=tag)})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == tag
    assert server.http.get(url, headers={"If-None-Match": '"sha256-00"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-9", CSV[:10]),
        ("bytes=100-", CSV[100:]),
        ("bytes=-5", CSV[-5:]),
        (f"bytes={len(CSV) - 1}-{len(CSV) + 100}", CSV[-1:]),
    ],
)
def test_ranges(server: LiveServer, job: Job, asked: str, expected: bytes) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv"
    response = server.http.get(url, headers={"Range": asked})
    assert (response.status_code, response.content) == (206, expected)
    assert response.headers["content-range"].endswith(f"/{len(CSV)}")
    tag = response.headers["etag"]
    assert server.http.get(url, headers={"Range": asked, "If-Range": tag}).status_code == 206
    changed = server.http.get(url, headers={"Range": asked, "If-Range": '"sha256-00"'})
    assert (changed.status_code, changed.content) == (200, CSV)


def test_several_ranges_at_once(server: LiveServer, job: Job) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv"
    response = server.http.get(url, headers={"Range": "bytes=0-1,5000-5001"})
    assert response.status_code == 206
    assert response.headers["content-type"].startswith("multipart/byteranges")


def test_head_of_the_zip_has_its_headers_alone(server: LiveServer, job: Job) -> None:
    url = f"/v1/jobs/{job.id}/artifacts.zip"
    response = server.http.head(url)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["etag"] == server.http.get(url).headers["etag"]
    assert response.headers["content-type"] == "application/zip"


def test_a_range_outside_the_file_is_a_416(server: LiveServer, job: Job) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv"
    response = server.http.get(url, headers={"Range": f"bytes={len(CSV)}-"})
    problem_of(response, 416, "RANGE_NOT_SATISFIABLE")
    assert response.headers["content-range"] == f"bytes */{len(CSV)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-3", "bytes=x-y", "items=0-1", "bytes=", "bytes=" + "0-1," * 200 + "0-1", "bytes=1_0-2_0", "bytes=+1-2"],
)
def test_a_range_that_is_none_gets_the_whole_file(server: LiveServer, job: Job, asked: str) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv"
    for headers in ({"Range": asked}, {"Range": asked, "If-Range": server.http.head(url).headers["etag"]}):
        response = server.http.get(url, headers=headers)
        assert (response.status_code, response.content) == (200, CSV)


def test_head_has_the_headers_alone(server: LiveServer, job: Job) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/conductances/fc1.csv"
    response = server.http.head(url)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(CSV))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "%252e%252e%252fetc%252fpasswd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "conductances/../report.json",
        "plots/../../../../etc/passwd",
        "plots/..%2f..%2fsecret",
        "plots//ladder.svg",
        "plots",
        "plots/",
        "./report.json",
        "report.json/",
        "report.json%00",
        "REPORT.JSON",
        "conductances",
        "conductances/",
        "%00",
        "%ff%fe",
        "..",
        "",
        "x" * 5000,
    ],
)
def test_a_name_that_is_not_in_the_manifest_is_a_404(server: LiveServer, job: Job, name: str) -> None:
    status, headers, body = server.raw("GET", f"/v1/jobs/{job.id}/artifacts/{name}")
    problem = check_problem(headers, body, 404, "ARTIFACT_NOT_FOUND")
    assert status == 404
    assert "report.json" in problem["detail"]
    assert "root:" not in body.decode()
    assert len(body) < 2000


@pytest.mark.parametrize(
    "rest", ["artifacts", "artifacts.zip", "artifacts/report.json", "conductances", "conductances/fc1"]
)
def test_a_job_that_has_not_succeeded_has_no_files_and_says_its_state(server: LiveServer, rest: str) -> None:
    queued = server.http.post("/v1/jobs", json=DOCUMENT).json()["id"]
    running = server.http.post("/v1/jobs", json=DOCUMENT).json()["id"]
    attempt = server.jobs.claim(running, "tests", lease_seconds=600)
    assert attempt is not None
    cancelled = server.http.post("/v1/jobs", json=DOCUMENT).json()["id"]
    server.http.post(f"/v1/jobs/{cancelled}/cancel")
    failed = failed_job(server.jobs).id
    states = {queued: "queued", running: "running", cancelled: "cancelled", failed: "failed"}
    for job_id, state in states.items():
        problem = problem_of(server.http.get(f"/v1/jobs/{job_id}/{rest}"), 409, "JOB_NOT_SUCCEEDED")
        assert problem["state"] == state
        assert state in problem["detail"]
    server.jobs.finish(running, attempt.attempt, JobState.CANCELLED)


def test_a_file_that_is_gone_or_damaged_is_said_so(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        job = succeeded_job(server.jobs, server.artifacts)
        path = stored_path(server.jobs, server.artifacts, job, "report.json")
        path.write_bytes(path.read_bytes()[:-1])
        url = f"/v1/jobs/{job.id}/artifacts/report.json"
        problem_of(server.http.get(url), 500, "ARTIFACT_LOST")
        path.unlink()
        problem_of(server.http.get(url), 500, "ARTIFACT_LOST")
        npz = stored_path(server.jobs, server.artifacts, job, "conductances.npz")
        npz.write_bytes(b"x" * npz.stat().st_size)
        problem_of(server.http.get(f"/v1/jobs/{job.id}/conductances"), 500, "ARTIFACT_LOST")
        problem_of(server.http.get(f"/v1/jobs/{job.id}/conductances/fc1"), 500, "ARTIFACT_LOST")
        npz.unlink()
        problem_of(server.http.get(f"/v1/jobs/{job.id}/conductances"), 500, "ARTIFACT_LOST")


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        job = succeeded_job(server.jobs, server.artifacts)
        path = stored_path(server.jobs, server.artifacts, job, "report.json")
        size = path.stat().st_size
        secret = server.settings.home / "secret"
        secret.write_bytes(b"s" * size)
        path.unlink()
        path.symlink_to(secret)
        problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts/report.json"), 500, "ARTIFACT_LOST")


def test_links_quote_odd_names(server: LiveServer, job: Job) -> None:
    listed = server.http.get(f"/v1/jobs/{job.id}/artifacts").json()["artifacts"]
    (odd,) = [entry for entry in listed if entry["name"].startswith("odd")]
    assert odd["href"].endswith("/" + quote("odd name #1.txt"))
    assert json.dumps(odd["href"]).isascii()
