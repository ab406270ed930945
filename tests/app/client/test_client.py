"""The Python client against a live server."""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI, Response

from app.client import Client, DownloadDamaged, ProblemError, ServerUnreachable
from app.client.following import Patience
from hwcore.errors import InvalidInput, OutputExists, OutputNotWritable
from hwcore.progress import Progress
from hwcore.spec import SCHEMA_NAMES, json_schema, presets
from tests.app.finished_jobs import DOCUMENT, LADDER, failed_job, layer_arrays, stored_path, succeeded_job
from tests.app.live_server import LiveServer, live_server, serving, settings_for, wait_until
from tests.conftest import REPOSITORY
from worker.contract import JobState


@pytest.fixture
def client(server: LiveServer) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


def test_a_job_from_post_to_artifacts(server: LiveServer, client: Client, tmp_path: Path) -> None:
    job = client.submit(DOCUMENT)
    assert job["state"] == "queued"
    assert client.get(job["id"]) == job
    assert job["id"] in {each["id"] for each in client.list(state="queued")["jobs"]}
    assert client.cancel(job["id"])["state"] == "cancelled"
    assert client.wait(job["id"])["state"] == "cancelled"

    pictures = {"plots__ladder.svg": b"<svg/>", "netlist__fc1_0_0.sp": b"* tile"}
    done = succeeded_job(server.jobs, server.artifacts, **pictures)
    assert client.wait(done.id)["result"]["ladder"] == LADDER
    folder = client.download(done.id, tmp_path / "out")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {each["name"] for each in client.artifacts(done.id)}
    assert (folder / "plots" / "ladder.svg").read_bytes() == b"<svg/>"
    assert (folder / "netlist" / "fc1_0_0.sp").read_bytes() == b"* tile"
    with np.load(folder / "conductances.npz") as found:
        np.testing.assert_array_equal(found["fc1/g_pos"], layer_arrays()["fc1/g_pos"])
    layer = client.conductances(done.id, "fc2")
    assert set(layer) == {"g_pos", "g_neg", "code_pos", "code_neg"}
    np.testing.assert_array_equal(layer["g_neg"], layer_arrays()["fc2/g_neg"])
    with pytest.raises(OutputExists):
        client.download(done.id, tmp_path / "out")


def test_text_is_sent_as_it_is(client: Client) -> None:
    assert client.submit('{"hardware": "ideal", "dataset": "digits"}')["state"] == "queued"
    with pytest.raises(ProblemError) as refused:
        client.submit(b"{")
    assert (refused.value.status, refused.value.reason) == (400, "MALFORMED_JSON")


def test_a_problem_is_raised_with_all_it_says(client: Client) -> None:
    with pytest.raises(ProblemError, match="levels") as refused:
        client.submit({"hardware": {"cell": {"levels": 1, "g_max": 1e-5}}, "dataset": "digits"})
    assert (refused.value.status, refused.value.reason) == (422, "INVALID_INPUT")
    assert refused.value.errors[0]["pointer"] == "/hardware/cell/levels"


@pytest.mark.parametrize("job_id", ["nothing", "../hardware", "a/b", "?x", "#"])
def test_an_id_stays_an_id(client: Client, job_id: str) -> None:
    with pytest.raises(ProblemError) as refused:
        client.get(job_id)
    assert refused.value.status == 404


def test_nobody_there(server: LiveServer) -> None:
    with Client("http://127.0.0.1:9", timeout=5) as client, pytest.raises(ServerUnreachable, match="mho serve"):
        client.get("x")


def test_a_proxy_in_the_environment_is_not_asked_for_this_machine(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Client(server.url) as client:
        assert "jobs" in client.list()


def test_watch_gives_each_change_and_ends_with_the_job(server: LiveServer, client: Client) -> None:
    job_id = client.submit(DOCUMENT)["id"]
    running = server.jobs.claim(job_id, "tests", lease_seconds=600)
    assert running is not None
    seen: list[dict[str, object]] = []
    watcher = threading.Thread(target=lambda: [seen.append(job) for job in client.watch(job_id, interval=0.01)])
    watcher.start()
    try:
        for epoch in (1, 2):
            step = Progress("float", epoch, 2, epoch / 4, f"epoch {epoch}")
            assert server.jobs.heartbeat(job_id, running.attempt, 600, step) is False
            wait_until(lambda epoch=epoch: seen and seen[-1]["epoch"] == epoch)
    finally:
        server.jobs.finish(job_id, running.attempt, JobState.SUCCEEDED, result={"ladder": LADDER})
        watcher.join(timeout=20)
    assert not watcher.is_alive()
    assert seen[-1]["state"] == "succeeded"
    assert [job["epoch"] for job in seen][-3:] == [1, 2, 2]


def test_watch_outlasts_a_restart_of_the_server(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with live_server(settings) as first:
        port = int(first.url.rpartition(":")[2])
        client = Client(first.url, timeout=5)
        job_id = client.submit(DOCUMENT)["id"]
        seen: list[str] = []
        watcher = threading.Thread(
            target=lambda: [seen.append(j["state"]) for j in client.watch(job_id, interval=0.02)]
        )
        watcher.start()
        wait_until(lambda: seen == ["queued"])
    with live_server(settings, port=port) as second:
        second.jobs.request_cancel(job_id)
        watcher.join(timeout=20)
    client.close()
    assert seen == ["queued", "cancelled"]


def test_waiting_has_an_end(server: LiveServer, client: Client) -> None:
    job_id = client.submit(DOCUMENT)["id"]
    with pytest.raises(TimeoutError, match="queued"):
        client.wait(job_id, timeout=0.05, interval=0.01)
    assert client.wait(failed_job(server.jobs).id, timeout=5)["error"]["reason"] == "TRAINING_FAILED"


def test_waiting_and_watching_outlast_a_restart_of_the_server(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with live_server(settings) as first:
        port = int(first.url.rpartition(":")[2])
        client = Client(first.url, timeout=5)
        job_id = client.submit(DOCUMENT)["id"]
    ends: list[object] = []
    calls = (
        lambda: client.wait(job_id, interval=0.02)["state"],
        lambda: [job["state"] for job in client.watch(job_id, interval=0.02)][-1],
        lambda: [event["kind"] for event in client.events(job_id)],
    )
    waiting = [threading.Thread(target=lambda call=call: ends.append(call())) for call in calls]
    # The first look of each already finds nobody.
    for each in waiting:
        each.start()
    time.sleep(0.2)
    assert ends == []
    with live_server(settings, port=port) as second:
        second.jobs.request_cancel(job_id)
        for each in waiting:
            each.join(timeout=20)
    client.close()
    assert sorted(ends, key=str) == [["queued", "cancelled"], "cancelled", "cancelled"]


def test_patience_has_an_end() -> None:
    with Client("http://127.0.0.1:9", timeout=5) as nobody:
        for call in (nobody.wait, lambda *a, **k: next(nobody.watch(*a, **k))):
            begun = time.monotonic()
            with pytest.raises(ServerUnreachable):
                call("x", interval=0.01, patience=0.1)
            assert 0.1 <= time.monotonic() - begun < 5
        with pytest.raises(ServerUnreachable):
            next(nobody.events("x", patience=0))
        with pytest.raises(TimeoutError, match="not known after"):
            nobody.wait("x", timeout=0.05, interval=0.01)


@pytest.mark.parametrize(("status", "borne"), [(502, True), (503, True), (504, True), (500, False), (404, False)])
def test_a_server_that_is_away_for_a_moment_is_borne_and_no_other_problem(status: int, borne: bool) -> None:
    error = ProblemError({"status": status})
    if borne:
        Patience(15).bear(error)
        with pytest.raises(ProblemError):
            Patience(0).bear(error)
    else:
        with pytest.raises(ProblemError):
            Patience(15).bear(error)


def test_patience_counts_from_the_first_silence_and_not_from_the_last_sign_of_life() -> None:
    moments = iter((100.0, 114.0, 115.0, 200.0, 214.0))
    bearing, away = Patience(15, lambda: next(moments)), ServerUnreachable("away")
    bearing.answered()
    bearing.bear(away)
    bearing.bear(away)
    with pytest.raises(ServerUnreachable):
        bearing.bear(away)
    bearing.answered()
    # A stream that was silent for a minute: it is asked for again as long as any other.
    bearing.bear(away)
    bearing.bear(away)


def test_a_single_artifact_as_bytes_and_as_a_file(server: LiveServer, client: Client, tmp_path: Path) -> None:
    job = succeeded_job(server.jobs, server.artifacts, plots__ladder=b"<svg/>", odd=b"")
    digests = {each["name"]: each["sha256"] for each in client.artifacts(job.id)}
    for name, digest in digests.items():
        assert hashlib.sha256(client.artifact(job.id, name)).hexdigest() == digest
    path = client.save_artifact(job.id, "plots/ladder", tmp_path / "deep" / "ladder.svg")
    assert path.read_bytes() == b"<svg/>"
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()
    with pytest.raises(OutputExists, match="force"):
        client.save_artifact(job.id, "report.json", path)
    assert client.save_artifact(job.id, "report.json", path, force=True) == path
    assert path.read_bytes() == client.artifact(job.id, "report.json")
    with pytest.raises(OutputExists):
        client.save_artifact(job.id, "report.json", tmp_path, force=True)
    with pytest.raises(OutputNotWritable):
        client.save_artifact(job.id, "report.json", path / "below")
    assert [each.name for each in path.parent.iterdir()] == ["ladder.svg"]
    with pytest.raises(ProblemError, match=r"this job has: .*report\.json") as refused:
        client.artifact(job.id, "../report.json")
    assert refused.value.reason == "ARTIFACT_NOT_FOUND"


def test_a_damaged_artifact_is_never_returned(server: LiveServer, client: Client, tmp_path: Path) -> None:
    job = succeeded_job(server.jobs, server.artifacts, ofthistest=b"bytes of this test alone")
    path = stored_path(server.jobs, server.artifacts, job, "ofthistest")
    path.write_bytes(b"B" + path.read_bytes()[1:])
    for call in (
        lambda: client.artifact(job.id, "ofthistest"),
        lambda: client.save_artifact(job.id, "ofthistest", tmp_path / "file"),
    ):
        with pytest.raises((DownloadDamaged, ProblemError), match=r"SHA-256|damaged"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_layers_presets_descriptions_and_schemas(server: LiveServer, client: Client) -> None:
    job = succeeded_job(server.jobs, server.artifacts)
    assert [(each["name"], each["rows"], each["cols"]) for each in client.layers(job.id)] == [
        ("fc1", 65, 8),
        ("fc2", 9, 10),
    ]
    assert [each["name"] for each in client.presets()] == [preset.name for preset in presets()]
    fefet = client.preset("fefet-2b")["hardware"]
    assert fefet == next(each for each in presets() if each.name == "fefet-2b").hardware.model_dump(mode="json")
    resolved = client.resolve(fefet, model={"type": "mlp", "hidden": [8]}, dataset="digits")
    assert resolved["footprint"]["layers"][0]["name"] == "fc1"
    assert client.resolve("fefet-2b")["hardware"] == resolved["hardware"]
    assert client.resolve("fefet-2b")["footprint"] is None
    assert [each["name"] for each in client.schemas()] == list(SCHEMA_NAMES)
    assert client.schema("job") == json_schema("job")
    for call, reason in (
        (lambda: client.preset("no/such"), "NOT_FOUND"),
        (lambda: client.schema("no"), "SCHEMA_NOT_FOUND"),
        (lambda: client.resolve({"cell": {"levels": 1}}), "INVALID_INPUT"),
    ):
        with pytest.raises(ProblemError) as refused:
            call()
        assert refused.value.reason == reason


def test_events_go_on_after_the_last_one_and_end_with_the_job(server: LiveServer, client: Client) -> None:
    job = succeeded_job(server.jobs, server.artifacts)
    told = list(client.events(job.id))
    assert [event["kind"] for event in told] == ["queued", "started", "succeeded"]
    assert {event["job_id"] for event in told} == {job.id}
    assert list(client.events(job.id, after=told[0]["id"])) == told[1:]
    assert list(client.events(job.id, after=told[-1]["id"])) == []
    with pytest.raises(ProblemError) as refused:
        next(client.events("nothing"))
    assert refused.value.reason == "JOB_NOT_FOUND"


def test_events_resume_where_a_stream_broke(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with live_server(settings) as first:
        port = int(first.url.rpartition(":")[2])
        client = Client(first.url)
        job_id = client.submit(DOCUMENT)["id"]
        told: list[dict[str, object]] = []
        following = threading.Thread(target=lambda: [told.append(event) for event in client.events(job_id)])
        following.start()
        wait_until(lambda: told)
    with live_server(settings, port=port) as second:
        second.jobs.request_cancel(job_id)
        following.join(timeout=20)
        assert told == list(client.events(job_id))
    client.close()
    assert [event["kind"] for event in told] == ["queued", "cancelled"]


def test_every_filter_of_the_list(client: Client) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    mine = client.submit(DOCUMENT | {"name": "of this filter", "labels": {"filter": "1"}})["id"]
    for filters in (
        {"name": "of this filter"},
        {"labels": {"filter": "1"}},
        {"labels": "filter:1"},
        {"labels": ["filter:1", "filter:1"]},
        {"state": ["queued", "running"], "labels": {"filter": "1"}, "created_after": before},
        {"name": "of this filter", "created_after": before.isoformat(), "created_before": datetime.now(UTC)},
    ):
        assert [job["id"] for job in client.list(**filters)["jobs"]] == [mine]
    assert client.list(name="of this filter", created_before=before)["jobs"] == []
    with pytest.raises(ProblemError, match="parameter has a fault") as refused:
        client.list(created_after=datetime(2026, 1, 1))
    assert refused.value.reason == "INVALID_PARAMETER"


@pytest.mark.parametrize(
    "url", ["http://ü .x", "", "mho.example", "ftp://x", "http://", "http://x:port", "http://\udcff"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"url: got .*; allowed: http"):
        Client(url)


def test_a_server_that_is_not_mho_is_said_so(server: LiveServer) -> None:
    with Client(server.url + "/docs") as client, pytest.raises(ProblemError, match="No such path"):
        client.list()
    with Client(server.url) as client, pytest.raises(ProblemError, match="Not an answer of mho"):
        client._connection.json("GET", "/docs")


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (301, {"Location": "https://mho.example/"}, "answered 301 to https://mho.example/ without a document of mho"),
        (200, {"Content-Type": "text/html"}, "answered 200 without a document of mho"),
    ],
)
def test_a_proxy_that_leads_elsewhere_is_no_success_and_no_stream(
    status: int, headers: dict[str, str], said: str
) -> None:
    elsewhere = FastAPI()

    @elsewhere.api_route("/{path:path}", methods=["GET", "DELETE"])
    async def log_in() -> Response:
        return Response("<p>Please log in</p>", status, headers)

    with serving(elsewhere) as url, Client(url, timeout=5) as client:
        calls = [
            lambda: client.list(),
            lambda: client.wait("x"),
            lambda: next(client.watch("x")),
            lambda: next(client.events("x", patience=0)),
        ]
        if status == 301:
            calls += [lambda: client.delete("x"), lambda: client.remove_dataset("x")]
        for call in calls:
            with pytest.raises(ProblemError, match=re.escape(said)):
                call()


def test_the_reference_has_every_method() -> None:
    text = (REPOSITORY / "docs" / "reference" / "client.md").read_text(encoding="utf-8")
    methods = [name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")]
    missing = [name for name in methods if not re.search(rf"`{name}\(", text)]
    assert not missing
    for name in methods:
        signature = re.search(rf"`{name}\(([^`]*)\)", text)
        assert signature is not None
        written = re.findall(r"(\w+)(?==|,|$)", signature[1].replace("*, ", ""))
        given = [each for each in inspect.signature(getattr(Client, name)).parameters if each != "self"]
        assert [each for each in given if each not in written] == [], name


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
