"""`/v1/datasets` and the jobs that name them, over real HTTP."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.client import Client, ProblemError
from app.requests.uploaded_file import LEFT_SECONDS
from hwcore.spec import parse_job
from tests.app.live_server import LiveServer, check_problem, live_server, problem_of, settings_for
from tests.app.token_holders import bearer, guarded_server, holder
from tests.hwcore.uploads.files import arrays, digits_arrays, idx_members, npz_members, write_npz, write_zip
from tests.worker.waiting import eventually
from worker.contract import BlobStore, JobSize, Scope
from worker.contract.jobs.job_size import training_work

NPZ = {"Content-Type": "application/x-npz"}


def file_of(folder: Path, seed: int = 0) -> bytes:
    """A good npz whose bytes are its seed's own."""
    changed = arrays() | {"x_test": np.full((10, 4, 4), seed, np.uint8)}
    return write_npz(folder / "own.npz", changed).read_bytes()


def post(server: LiveServer, content: bytes, **query: str) -> dict[str, Any]:
    response = server.http.post("/v1/datasets", content=content, params=query, headers=NPZ)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def left(server: LiveServer) -> list[Path]:
    """What lies in the folder for uploads under way."""
    return list((server.settings.home / "uploads").iterdir())


def test_a_file_becomes_a_dataset(server: LiveServer, tmp_path: Path) -> None:
    content = file_of(tmp_path, 1)
    response = server.http.post("/v1/datasets", content=content, params={"name": "letters é"}, headers=NPZ)
    assert response.status_code == 201
    found = response.json()
    assert response.headers["location"] == found["href"] == f"/v1/datasets/{found['id']}"
    assert (found["name"], found["size"]) == ("letters é", len(content))
    assert found["sha256"] == hashlib.sha256(content).hexdigest()
    about = found["description"]
    assert (about["format"], about["height"], about["width"], about["classes"]) == ("npz", 4, 4, 4)
    assert (about["training_images"], about["test_images"], about["training_per_class"]) == (40, 10, [10] * 4)
    assert found["dataset"] == {"type": "uploaded", "id": found["id"]}
    assert server.http.get(found["href"]).json() == found
    assert b"".join(BlobStore(server.settings.artifacts_url).read(found["sha256"])) == content
    assert left(server) == []


def test_the_same_bytes_are_the_same_dataset(server: LiveServer, tmp_path: Path) -> None:
    first = post(server, file_of(tmp_path, 2), name="first")
    response = server.http.post("/v1/datasets?name=second", content=file_of(tmp_path, 2), headers=NPZ)
    assert (response.status_code, response.json()) == (200, first)


@pytest.mark.parametrize("media_type", ["application/zip", "application/octet-stream", "Application/X-NPZ; x=y"])
def test_a_zip_of_idx_files_and_other_names_for_bytes(server: LiveServer, tmp_path: Path, media_type: str) -> None:
    content = write_zip(tmp_path / "own.zip", idx_members(arrays(), packed=True)).read_bytes()
    response = server.http.post("/v1/datasets", content=content, headers={"Content-Type": media_type})
    assert response.status_code in (200, 201)
    assert response.json()["description"]["format"] == "idx"


def test_datasets_are_listed_newest_first(server: LiveServer, tmp_path: Path) -> None:
    made = [post(server, file_of(tmp_path, seed)) for seed in (10, 11, 12)]
    page = server.http.get("/v1/datasets", params={"limit": 2}).json()
    assert page["datasets"] == [made[2], made[1]]
    page = server.http.get("/v1/datasets", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert page["datasets"] == [made[0]]


@pytest.mark.parametrize(
    ("query", "parameter"), [("limit=0", "limit"), ("cursor=x", "cursor"), ("state=x", "state"), ("limit=x", "limit")]
)
def test_a_list_refuses_what_it_does_not_know(server: LiveServer, query: str, parameter: str) -> None:
    problem = problem_of(server.http.get(f"/v1/datasets?{query}"), 422, "INVALID_PARAMETER")
    assert problem["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize("query", [{"name": "x" * 201}, {"name": "a\x00b"}, {"title": "x"}])
def test_an_upload_refuses_a_query_that_is_none(server: LiveServer, tmp_path: Path, query: dict[str, str]) -> None:
    response = server.http.post("/v1/datasets", content=file_of(tmp_path), params=query, headers=NPZ)
    problem_of(response, 422, "INVALID_PARAMETER")
    assert left(server) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data"},
        NPZ | {"Content-Encoding": "gzip"},
    ],
)
def test_an_upload_says_what_it_is(server: LiveServer, headers: dict[str, str]) -> None:
    response = server.http.post("/v1/datasets", content=b"PK", headers=headers)
    problem = problem_of(response, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert "allowed: Content-Type application/zip, application/x-npz" in problem["detail"]


def test_a_bad_file_is_refused_by_member(server: LiveServer, tmp_path: Path) -> None:
    content = write_npz(tmp_path / "own.npz", arrays() | {"y_train": np.full(40, 10**9)}).read_bytes()
    problem = problem_of(server.http.post("/v1/datasets", content=content, headers=NPZ), 422, "DATASET_INVALID")
    said = "got label 1000000000 at position 0; allowed: whole numbers from 0 to 999"
    assert problem["detail"] == f"y_train: {said}"
    assert problem["errors"] == [
        {
            "pointer": "/y_train",
            "message": said,
            "got": "label 1000000000 at position 0",
            "allowed": "whole numbers from 0 to 999",
        }
    ]
    pickled = write_zip(tmp_path / "pickle.npz", npz_members(x_train=b"\x80\x04N.")).read_bytes()
    problem_of(server.http.post("/v1/datasets", content=pickled, headers=NPZ), 422, "DATASET_INVALID")
    problem_of(server.http.post("/v1/datasets", content=b"", headers=NPZ), 422, "DATASET_INVALID")
    assert left(server) == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that takes little."""
    settings = settings_for(
        tmp_path_factory.mktemp("small"),
        max_dataset_bytes=100_000,
        max_dataset_unpacked_bytes=50_000,
        max_body_bytes=1024,
    )
    with live_server(settings) as running:
        yield running


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_its_own_limit_is_refused(small: LiveServer, chunked: bool) -> None:
    content = iter([b"x" * 60_000, b"x" * 60_000]) if chunked else b"x" * 120_000
    response = small.http.post("/v1/datasets", content=content, headers=NPZ)
    problem = problem_of(response, 413, "BODY_TOO_LARGE")
    assert problem["detail"].endswith("allowed: at most 100,000 bytes (MHO_MAX_DATASET_BYTES).")
    problem_of(
        small.http.post("/v1/jobs", content=b"{}" * 600, headers={"Content-Type": "application/json"}),
        413,
        "BODY_TOO_LARGE",
    )
    assert not (small.settings.home / "uploads").exists() or left(small) == []


def test_a_file_that_unpacks_over_the_limit_is_refused(small: LiveServer, tmp_path: Path) -> None:
    content = write_npz(tmp_path / "own.npz", arrays(train=5000), packed=True).read_bytes()
    assert len(content) < 100_000
    problem = problem_of(small.http.post("/v1/datasets", content=content, headers=NPZ), 422, "DATASET_INVALID")
    assert "when unpacked" in problem["detail"]


@contextmanager
def begun(server: LiveServer, content: bytes, length: int, **headers: str) -> Iterator[http.client.HTTPConnection]:
    """An upload of which some has been sent, and the rest has not."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/v1/datasets")
    for name, value in {**NPZ, "Content-Length": str(length), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(content)
    try:
        yield connection
    finally:
        connection.close()


def refused(answer: http.client.HTTPResponse) -> str:
    """The detail of a 429 that says when to come again."""
    headers = {name.lower(): value for name, value in answer.getheaders()}
    problem = check_problem(headers, answer.read(), 429, "QUOTA_EXCEEDED")
    assert int(headers["retry-after"]) > 0
    return str(problem["detail"])


def test_what_has_no_room_is_refused_before_it_is_read(tmp_path: Path) -> None:
    content = file_of(tmp_path, 1)
    with live_server(settings_for(tmp_path / "home", max_stored_bytes=len(content) + 10)) as server:
        found = post(server, content)
        with begun(server, b"", 50_000) as connection:
            assert "got 50,000 more" in refused(connection.getresponse())
        assert left(server) == []
        # The same bytes take no room, and other ones of the same number are found out by their digest.
        again = server.http.post("/v1/datasets", content=content, headers=NPZ)
        assert (again.status_code, again.json()) == (200, found)
        other = file_of(tmp_path, 2)
        assert len(other) == len(content)
        problem_of(server.http.post("/v1/datasets", content=other, headers=NPZ), 429, "QUOTA_EXCEEDED")
        # So is a body whose length nobody has announced.
        response = server.http.post("/v1/datasets", content=iter([file_of(tmp_path, 3)]), headers=NPZ)
        problem_of(response, 429, "QUOTA_EXCEEDED")
        kept = [blob.sha256 for blob in BlobStore(server.settings.artifacts_url).list()]
        assert kept == [found["sha256"]]


def test_one_upload_too_many_is_refused(tmp_path: Path) -> None:
    content = file_of(tmp_path)
    with guarded_server(tmp_path / "home") as server, ExitStack() as stack:
        server.services.upload_places.most, server.services.upload_places.most_each = 3, 2
        ann, bob = (holder(server, Scope.SUBMIT, name) for name in ("ann", "bob"))
        waiting = [
            stack.enter_context(begun(server, content[:1], len(content), **bearer(each.secret)))
            for each in (ann, ann, bob)
        ]
        eventually(lambda: (server.settings.home / "uploads").exists() and len(left(server)) == 3)
        for each, taken in ((ann, "2 of this token upload at once"), (bob, "3 of all callers upload at once")):
            with begun(server, b"", len(content), **bearer(each.secret)) as connection:
                assert taken in refused(connection.getresponse())
        waiting[0].send(content[1:])
        assert waiting[0].getresponse().status == 201
        # Whoever goes away gives its place back, too.
        waiting[1].close()
        eventually(lambda: len(left(server)) == 1)
        for _ in range(3):
            assert ann.call("POST", "/v1/datasets", content=content, headers=NPZ).status_code == 200


def test_what_a_killed_server_left_goes_with_time(small: LiveServer, tmp_path: Path) -> None:
    post(small, file_of(tmp_path))
    old, young = (small.settings.home / "uploads" / name for name in ("old", "young"))
    for path in (old, young):
        path.touch()
    long_ago = time.time() - LEFT_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    small.http.post("/v1/datasets", content=file_of(tmp_path), headers=NPZ)
    # Its own file goes with the end of the request, which may come after the answer.
    eventually(lambda: left(small) == [young])
    young.unlink()


@pytest.mark.parametrize("dataset_id", ["x", "01900000-0000-7000-8000-000000000000", "%00", "..%2f..%2fetc"])
def test_a_dataset_that_is_not_there(server: LiveServer, dataset_id: str) -> None:
    for method in ("GET", "DELETE"):
        status, headers, body = server.raw(method, f"/v1/datasets/{dataset_id}")
        problem = json.loads(body)
        assert (status, headers["content-type"]) == (404, "application/problem+json")
        assert problem["reason"] in ("DATASET_NOT_FOUND", "NOT_FOUND")


def job_on(dataset: Any, **changes: Any) -> dict[str, Any]:
    return {"hardware": "ideal", "dataset": dataset, "model": {"hidden": [8]}, **changes}


def test_a_job_on_a_dataset_has_its_contents(server: LiveServer, tmp_path: Path) -> None:
    found = post(server, file_of(tmp_path, 20))
    response = server.http.post("/v1/jobs", json=job_on(found["dataset"]))
    assert response.status_code == 202, response.text
    contents = {"sha256": found["sha256"], "height": 4, "width": 4, "classes": 4}
    for shown in ("job", "resolved"):
        assert response.json()[shown]["dataset"] == {**found["dataset"], "contents": contents}
    again = server.http.post("/v1/jobs", json=response.json()["resolved"])
    assert again.status_code == 202
    problem = problem_of(server.http.delete(found["href"]), 409, "DATASET_IN_USE")
    assert response.json()["id"] in problem["detail"]
    for job in (response.json(), again.json()):
        server.http.post(f"/v1/jobs/{job['id']}/cancel")
    response = server.http.delete(found["href"])
    assert (response.status_code, response.content) == (204, b"")
    problem_of(server.http.get(found["href"]), 404, "DATASET_NOT_FOUND")
    # The job still says what it was about.
    assert server.http.get(f"/v1/jobs/{job['id']}").json()["resolved"]["dataset"]["contents"] == contents


def test_a_job_on_few_images_is_small(server: LiveServer, tmp_path: Path) -> None:
    found = post(server, file_of(tmp_path, 24))
    # As many products for 60,000 images are more than a small job has.
    job = job_on(found["dataset"], model={"hidden": [512]}, training={"epochs": 1000})
    job_id = server.http.post("/v1/jobs", json=job).json()["id"]
    later = datetime.now(UTC) + timedelta(days=1)
    assert job_id in server.jobs.queued_before(later, JobSize.SMALL, limit=100_000)
    assert training_work(parse_job(server.jobs.get(job_id).document)) > server.settings.small_job_work


def test_a_key_has_its_first_answer_when_the_dataset_is_gone(server: LiveServer, tmp_path: Path) -> None:
    found = post(server, file_of(tmp_path, 23))
    asked = {"json": job_on(found["dataset"]), "headers": {"Idempotency-Key": "dataset-that-goes"}}
    first = server.http.post("/v1/jobs", **asked)
    assert server.http.post(f"/v1/jobs/{first.json()['id']}/cancel").status_code == 202
    assert server.http.delete(found["href"]).status_code == 204
    again = server.http.post("/v1/jobs", **asked)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert (again.json()["state"], again.headers["idempotency-replayed"]) == ("cancelled", "true")
    problem_of(server.http.post("/v1/jobs", json=asked["json"]), 422, "INVALID_INPUT")


def test_a_job_that_does_not_fit_on_its_dataset_is_refused(server: LiveServer, tmp_path: Path) -> None:
    found = post(server, file_of(tmp_path, 21))
    contents = {"sha256": "0" * 64, "height": 4, "width": 4, "classes": 5}
    for dataset, changes, pointers in (
        (found["dataset"], {"model": "lenet-5"}, ["/model"]),
        ({**found["dataset"], "contents": contents}, {}, ["/dataset/contents/sha256", "/dataset/contents/classes"]),
        ({"type": "uploaded", "id": "01900000-0000-7000-8000-000000000000"}, {}, ["/dataset/id"]),
        ({"type": "file", "path": "/etc/passwd"}, {}, ["/dataset/type"]),
    ):
        for path in ("/v1/jobs", "/v1/hardware:resolve"):
            problem = problem_of(server.http.post(path, json=job_on(dataset, **changes)), 422, "INVALID_INPUT")
            assert [error["pointer"] for error in problem["errors"]] == pointers
    assert "a server opens no file that a client names" in problem["detail"]


def test_a_description_is_resolved_for_a_dataset(server: LiveServer, tmp_path: Path) -> None:
    found = post(server, file_of(tmp_path, 22))
    answer = server.http.post("/v1/hardware:resolve", json=job_on(found["dataset"])).json()
    assert [(layer["rows"], layer["cols"]) for layer in answer["footprint"]["layers"]] == [(16, 8), (8, 4)]


def test_anothers_dataset_is_not_there(tmp_path: Path) -> None:
    with guarded_server(tmp_path / "home") as guarded:
        ann, bob, reader = (
            holder(guarded, scope, name)
            for scope, name in ((Scope.SUBMIT, "ann"), (Scope.SUBMIT, "bob"), (Scope.READ, "reader"))
        )
        content = file_of(tmp_path)
        found = ann.call("POST", "/v1/datasets", content=content, headers=NPZ).json()
        problem_of(reader.call("POST", "/v1/datasets", content=content, headers=NPZ), 403, "SCOPE_MISSING")
        assert bob.call("GET", "/v1/datasets").json()["datasets"] == []
        problem_of(bob.call("GET", found["href"]), 404, "DATASET_NOT_FOUND")
        problem_of(bob.call("DELETE", found["href"]), 404, "DATASET_NOT_FOUND")
        problem_of(bob.call("POST", "/v1/jobs", json=job_on(found["dataset"])), 422, "INVALID_INPUT")
        assert ann.call("POST", "/v1/jobs", json=job_on(found["dataset"])).status_code == 202
        own = bob.call("POST", "/v1/datasets", content=content, headers=NPZ)
        assert own.status_code == 201
        assert own.json()["id"] != found["id"]


def test_the_client_uploads_lists_and_removes(server: LiveServer, tmp_path: Path) -> None:
    write_npz(tmp_path / "digits.npz", digits_arrays())
    with Client(server.url) as client:
        found = client.add_dataset(tmp_path / "digits.npz")
        assert found["name"] == "digits.npz"
        assert found["description"]["full_scale"] == 16
        assert client.dataset(found["id"]) == found
        assert found in client.datasets()["datasets"]
        client.remove_dataset(found["id"])
        with pytest.raises(ProblemError, match="No such dataset"):
            client.dataset(found["id"])


def test_openapi_declares_an_upload_as_bytes(server: LiveServer) -> None:
    post = server.http.get("/openapi.json").json()["paths"]["/v1/datasets"]["post"]
    assert set(post["requestBody"]["content"]) == {"application/zip", "application/x-npz", "application/octet-stream"}
    assert {"200", "201", "413", "415", "422", "503"} <= set(post["responses"])
