"""The command line: local commands, and the client commands against a live server.

Long because every command has its tests here, with one server for all of them.
"""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI

from app.cli.program import run
from hwcore.spec import parse_hardware, presets
from tests.app.finished_jobs import DOCUMENT, failed_job, stored_path, succeeded_job
from tests.app.live_server import LiveServer, serving
from tests.hwcore.uploads.files import digits_arrays, write_npz
from worker.contract import JobState

Mho = Callable[..., tuple[int, str, str]]
COMMANDS = (
    "serve",
    "server",
    "worker",
    "compile",
    "submit",
    "watch",
    "get",
    "list",
    "cancel",
    "hardware",
    "dataset",
    "validate",
    "token",
    "gc",
)


@pytest.fixture
def mho(server: LiveServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mho:
    """Runs a command in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("MHO_URL", server.url)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def job_file(tmp_path: Path) -> Path:
    path = tmp_path / "job.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def program(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The installed program in a process of its own."""
    command = [str(Path(sys.executable).parent / "mho"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def test_the_installed_program_starts_without_torch() -> None:
    done = program("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", done.stdout)
    probe = "import sys, app.cli; sys.exit(sum(name in sys.modules for name in ('torch', 'fastapi', 'celery')))"
    assert subprocess.run([sys.executable, "-c", probe], timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(mho: Mho, command: str) -> None:
    code, out, _ = mho(command, "--help")
    assert code == 0
    assert "Usage" in out
    assert "--help" in out


def test_version(mho: Mho) -> None:
    code, out, _ = mho("--version")
    assert (code, re.fullmatch(r"mho \d+\.\d+\.\d+\S*\n", out) is not None) == (0, True)


def test_unknown_commands_and_options_are_usage_errors(mho: Mho) -> None:
    assert mho("frobnicate")[0] == 2
    assert mho("list", "--colour")[0] == 2
    assert mho("list", "--limit", "0")[0] == 2


def test_hardware_lists_the_presets_and_shows_one(mho: Mho) -> None:
    code, out, _ = mho("hardware")
    assert code == 0
    for preset in presets():
        assert re.search(rf"^{preset.name} +{re.escape(preset.title)}$", out, re.MULTILINE)
        code, description, reference = mho("hardware", preset.name)
        assert code == 0
        assert parse_hardware(description) == preset.hardware
        assert preset.reference in reference
    assert [row["name"] for row in json.loads(mho("hardware", "--json")[1])] == [p.name for p in presets()]


def test_an_unknown_preset_names_those_there_are(mho: Mho) -> None:
    code, out, err = mho("hardware", "fefet")
    assert (code, out) == (2, "")
    assert "fefet-2b" in err


def test_validate_accepts_jobs_and_descriptions(mho: Mho, job_file: Path) -> None:
    code, out, err = mho("validate", str(job_file))
    assert (code, err) == (0, "")
    job, weights, chip, seconds = out.splitlines()
    assert job == "valid job: digits, network 64-8-10"
    assert weights == "weights: 7 representable, -49.5 uS to 49.5 uS, zero among them"
    assert chip == "chip: 1,184 cells in 2 tiles of 128 x 128 pairs"
    assert re.fullmatch(r"time: roughly [0-9.]+ s on two processor cores, within a factor of three", seconds)
    assert mho("validate", "-", stdin=job_file.read_bytes())[0] == 0
    lenet = b'{"hardware": "ideal", "dataset": "mnist", "model": "lenet-5"}'
    text = "valid job: mnist, network 1x28x28-6x14x14-16x5x5-120-84-10\n"
    code, out, err = mho("validate", "-", stdin=lenet)
    assert (code, err) == (0, "")
    assert out.startswith(text)
    description = mho("hardware", "sram-4b")[1].encode()
    weights = "weights: 31 representable, -100 uS to 100 uS, zero among them"
    assert mho("validate", "-", stdin=description) == (0, f"valid hardware description\n{weights}\n", "")
    answer = json.loads(mho("validate", str(job_file), "--json")[1])
    assert answer["valid"] is True
    assert answer["job"]["training"]["float_epochs"] == 1
    # What a resolved job leaves out is written out.
    assert answer["job"]["export"] == {"netlists": "one_per_layer"}
    assert answer["job"]["hardware"]["array"]["wire_resistance"] == {"word": 0.0, "bit": 0.0}
    assert set(answer["job"]["evaluation"]) == {"chips", "effects", "times", "target_accuracy"}
    assert answer["target_accuracy_source"] == {"type": "derived", "rung": "hardware_aware", "less": 0.01}
    assert (answer["representable"]["count"], answer["footprint"]) == (7, {"cells": 1184, "tiles": 2})
    assert 0 < answer["estimated_seconds"] < 60
    assert answer["warnings"] == []


def test_validate_holds_a_job_against_its_uploaded_dataset(
    mho: Mho, server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another full scale than elsewhere: the same bytes would be the dataset of another test.
    content = write_npz(tmp_path / "own.npz", {**digits_arrays(), "full_scale": 17}).read_bytes()
    posted = server.http.post("/v1/datasets", content=content, headers={"Content-Type": "application/x-npz"}).json()
    document = DOCUMENT | {"dataset": posted["dataset"]}
    job = json.dumps(document).encode()
    title = f"own data {posted['sha256'][:12]}"
    code, out, err = mho("validate", "-", stdin=job)
    assert (code, out.splitlines()[0], err) == (0, f"valid job: {title}, network 64-8-10", "")
    answer = json.loads(mho("validate", "-", "--json", stdin=job)[1])
    assert (answer["dataset_checked"], answer["job"]["dataset"]["contents"]["sha256"]) == (True, posted["sha256"])
    unknown = "01900000-0000-7000-8000-000000000000"
    other = json.dumps(document | {"dataset": {"type": "uploaded", "id": unknown}}).encode()
    code, out, err = mho("validate", "-", stdin=other)
    assert (code, out) == (2, "")
    assert err.startswith(f"mho: dataset.id: no such dataset: got '{unknown}'; allowed: the id of one")
    too_large = {"type": "cnn", "convolutions": [{"channels": 2, "kernel": 9}], "hidden": []}
    misfit = json.dumps(document | {"model": too_large}).encode()
    assert mho("validate", "-", stdin=misfit)[0] == 2
    assert mho("validate", "-", "--url", "http://127.0.0.1:9", stdin=job)[0] == 3
    monkeypatch.delenv("MHO_URL")
    code, out, err = mho("validate", "-", stdin=other)
    assert (code, err) == (0, "")
    assert f"Not checked: the uploaded dataset {unknown}, which only its server knows (--url or MHO_URL)" in out
    assert json.loads(mho("validate", "-", "--json", stdin=other)[1])["dataset_checked"] is False
    file = json.dumps(document | {"dataset": {"type": "file", "path": "own.npz"}}).encode()
    assert (
        "Not checked: there is no file own.npz here; it is opened when the job is run\n"
        in mho("validate", "-", stdin=file)[1]
    )
    # A job on other data asks nobody, whoever is named.
    code, out, err = mho("validate", "-", "--url", "http://127.0.0.1:9", stdin=json.dumps(DOCUMENT).encode())
    assert (code, out.splitlines()[0], err) == (0, "valid job: digits, network 64-8-10", "")


def test_validate_looks_into_a_file_and_warns(mho: Mho, tmp_path: Path) -> None:
    saved = digits_arrays()
    write_npz(tmp_path / "own.npz", {**saved, "y": np.where(saved["y"] > 0, 9, 0)})
    document = DOCUMENT | {"dataset": {"type": "file", "path": "own.npz"}, "hardware": {"cell": HUGE}}
    path = tmp_path / "job.json"
    path.write_text(json.dumps(document))
    code, out, err = mho("validate", str(path))
    assert code == 0
    assert re.match(r"valid job: own data [0-9a-f]{12}, network 64-8-10\n", out)
    chip, training, test = err.splitlines()
    assert chip.startswith("mho: warning: /hardware/cell/g_max: 500 mS is unusual")
    missing = "1, 2, 3, 4, 5, 6, 7, 8"
    assert training == f"mho: warning: /dataset: 8 of 10 classes have no image to train on: {missing}"
    assert test == f"mho: warning: /dataset: 8 of 10 classes have no image to test on: {missing}"
    answer = json.loads(mho("validate", str(path), "--json")[1])
    assert answer["dataset_checked"] is True
    assert [warning["field"] for warning in answer["warnings"]] == ["/hardware/cell/g_max", "/dataset", "/dataset"]
    (tmp_path / "own.npz").write_bytes(b"no dataset")
    code, out, err = mho("validate", str(path))
    assert (code, out) == (2, "")
    assert err.startswith("mho: dataset.path: the file: got 10 bytes; allowed: an npz file")
    assert json.loads(mho("validate", str(path), "--json")[1])["errors"][0]["pointer"] == "/dataset/path"
    (tmp_path / "own.npz").unlink()
    (tmp_path / "own.npz").mkdir()
    code, out, err = mho("validate", str(path))
    assert (code, out) == (2, "")
    assert "dataset.path: got Is a directory; allowed: an npz file, or a zip of IDX files" in err


HUGE = {"levels": 4, "g_max": 0.5}
BAD = {"levels": 1, "on_off_ratio": 0.5, "g_max": -1}


def test_validate_says_one_line_per_fault(mho: Mho, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"hardware": {"cell": BAD}, "dataset": "cifar", "colour": 1}))
    code, out, err = mho("validate", str(path))
    assert (code, out) == (2, "")
    lines = err.splitlines()
    fields = [line.removeprefix("mho: ").partition(": ")[0] for line in lines]
    cell = {"hardware.cell.levels", "hardware.cell.on_off_ratio", "hardware.cell.g_max"}
    assert (len(fields), set(fields)) == (5, cell | {"dataset", "colour"})
    assert all("got " in line and "allowed: " in line for line in lines)
    code, out, _ = mho("validate", str(path), "--json")
    assert code == 2
    assert {fault["pointer"] for fault in json.loads(out)["errors"]} >= {"/dataset", "/colour"}


@pytest.mark.parametrize("command", ["validate", "submit"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [(b'{"hardware": ', "line 1"), (b"[]", "object"), (b"\xff", "UTF-8"), (b" " * 50_000_000, "1,048,576 bytes")],
    ids=["broken", "list", "not UTF-8", "50 MB"],
)
def test_broken_documents_exit_2(mho: Mho, tmp_path: Path, command: str, content: bytes, expected: str) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    for arguments, stdin in (((command, str(path)), b""), ((command, "-"), content)):
        code, out, err = mho(*arguments, stdin=stdin)
        assert (code, out) == (2, "")
        assert expected in err
        assert len(err.splitlines()) == 1
        name = "standard input" if arguments[1] == "-" else str(path)
        assert err.startswith(f"mho: {name}: ")


@pytest.mark.parametrize("command", ["validate", "submit"])
def test_a_file_that_is_not_there_exits_2(mho: Mho, command: str) -> None:
    code, out, err = mho(command, "/nowhere/job.json")
    assert (code, out) == (2, "")
    assert err.startswith("mho: /nowhere/job.json: cannot be read: No such file or directory; allowed: a JSON file")


def test_submit_prints_the_id_alone(mho: Mho, server: LiveServer, job_file: Path) -> None:
    code, out, err = mho("submit", str(job_file))
    assert (code, err) == (0, "")
    assert server.jobs.get(out.strip()).name == "bench corner"
    assert json.loads(mho("submit", "-", "--json", stdin=job_file.read_bytes())[1])["state"] == "queued"


def test_submit_says_on_standard_error_what_is_probably_not_meant(mho: Mho, server: LiveServer) -> None:
    document = {"hardware": {"cell": {"levels": 4, "g_max": 0.5}}, "dataset": "digits"}
    code, out, err = mho("submit", "-", stdin=json.dumps(document).encode())
    assert (code, server.jobs.get(out.strip()).document) == (0, document)
    assert err.startswith("mho: warning: /hardware/cell/g_max: 500 mS is unusual, 100 pS to 10 mS is usual")
    assert len(err.splitlines()) == 1


def test_submit_prints_the_id_of_a_job_that_an_older_server_took(
    mho: Mho, job_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = FastAPI()

    @older.post("/v1/jobs", status_code=202)
    def take() -> dict[str, str]:
        return {"id": "of-an-older-server", "state": "queued"}

    with serving(older) as url:
        monkeypatch.setenv("MHO_URL", url)
        assert mho("submit", str(job_file)) == (0, "of-an-older-server\n", "")


def test_submit_shows_the_faults_that_the_server_found(mho: Mho) -> None:
    document = json.dumps({"hardware": {"cell": BAD}, "dataset": "digits"}).encode()
    code, out, err = mho("submit", "-", stdin=document)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 3
    assert "mho: hardware.cell.levels: got 1; allowed: " in err


@pytest.mark.parametrize(
    "arguments", [("submit", "-"), ("watch", "x"), ("get", "x"), ("list",), ("cancel", "x")], ids=lambda a: a[0]
)
def test_no_server_is_exit_3_and_how_to_start_one(mho: Mho, arguments: tuple[str, ...]) -> None:
    code, out, err = mho(*arguments, "--url", "http://127.0.0.1:9", stdin=b"{}")
    assert (code, out) == (3, "")
    assert "http://127.0.0.1:9" in err
    assert "mho serve" in err


@pytest.mark.parametrize("command", ["watch", "get", "cancel"])
def test_a_job_that_does_not_exist_exits_2(mho: Mho, command: str) -> None:
    code, out, err = mho(command, "01890a5d-ac96-774b-bcce-b302099a8057")
    assert (code, out) == (2, "")
    assert "No such job" in err


def test_watch_in_a_pipe_says_lines_and_the_ladder(mho: Mho, server: LiveServer) -> None:
    job = succeeded_job(server.jobs, server.artifacts)
    code, out, err = mho("watch", job.id)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("succeeded")
    assert re.search(r"^float +97\.00 %", out, re.MULTILINE)
    assert re.search(r"^programming +95\.00 % +0\.40 % +360 +25 +- +-$", out, re.MULTILINE)
    assert "\x1b" not in out


def test_watch_as_json_is_one_object_per_line(mho: Mho, server: LiveServer) -> None:
    job = succeeded_job(server.jobs, server.artifacts)
    code, out, _ = mho("watch", job.id, "--json")
    assert code == 0
    assert [json.loads(line)["state"] for line in out.splitlines()][-1] == "succeeded"


def test_watch_exits_1_when_the_job_failed_or_was_cancelled(mho: Mho, server: LiveServer) -> None:
    code, _, err = mho("watch", failed_job(server.jobs).id)
    assert code == 1
    assert "TRAINING_FAILED: the loss is NaN" in err
    job = server.jobs.create(DOCUMENT)
    server.jobs.request_cancel(job.id)
    code, _, err = mho("watch", job.id)
    assert code == 1
    assert "cancelled" in err
    assert mho("watch", job.id, "--json")[0] == 1


def test_watch_on_a_terminal_draws_a_bar(server: LiveServer) -> None:
    job = succeeded_job(server.jobs, server.artifacts)
    main, other = pty.openpty()
    command = [str(Path(sys.executable).parent / "mho"), "watch", job.id, "--url", server.url]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.Popen(command, stdout=other, stderr=other, stdin=other, env=environment)
    os.close(other)
    shown = b""
    while True:
        try:
            block = os.read(main, 4096)
        except OSError:
            break
        if not block:
            break
        shown += block
    os.close(main)
    assert done.wait(timeout=30) == 0
    assert "━".encode() in shown
    assert b"succeeded" in shown
    assert b"programming" in shown


def test_ctrl_c_ends_the_watching_and_not_the_job(server: LiveServer) -> None:
    job = server.jobs.create(DOCUMENT)
    command = [str(Path(sys.executable).parent / "mho"), "watch", job.id, "--url", server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("queued")
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=20)
    assert watching.returncode == 130
    assert err == f"mho: no longer watching; the job goes on, `mho cancel {job.id}` ends it\n"
    assert server.jobs.get(job.id).state is JobState.QUEUED


def test_get_leaves_all_files(mho: Mho, server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"conductances__fc1.csv": b"1,2\n", "plots__ladder.svg": b"<svg/>"}
    job = succeeded_job(server.jobs, server.artifacts, **files)
    out = tmp_path / "out"
    code, printed, _ = mho("get", job.id, "--out", str(out))
    assert code == 0
    expected = ["conductances.npz", "conductances/fc1.csv", "manifest.json", "plots/ladder.svg", "report.json"]
    assert sorted(str(Path(line).relative_to(out)) for line in printed.splitlines()) == expected
    code, printed, err = mho("get", job.id, "--out", str(out))
    assert (code, printed) == (2, "")
    assert "--force" in err
    assert mho("get", job.id, "--out", str(out), "--force")[0] == 0
    monkeypatch.chdir(tmp_path)
    assert mho("get", job.id)[0] == 0
    assert (tmp_path / job.id / "report.json").is_file()


def test_get_of_a_job_without_files_leaves_nothing(mho: Mho, server: LiveServer, tmp_path: Path) -> None:
    job = failed_job(server.jobs)
    code, _, err = mho("get", job.id, "--out", str(tmp_path / "out"))
    assert code == 2
    assert "failed" in err
    assert list(tmp_path.iterdir()) == []


def test_get_finds_damage_and_leaves_nothing(mho: Mho, server: LiveServer, tmp_path: Path) -> None:
    # A file of its own: the others are the same for every job, and so are their blobs.
    job = succeeded_job(server.jobs, server.artifacts, damaged=b"of this test alone")
    path = stored_path(server.jobs, server.artifacts, job, "damaged")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    code, _, err = mho("get", job.id, "--out", str(tmp_path / "out"))
    assert code == 1
    assert "damaged" in err
    assert "SHA-256" in err
    assert list(tmp_path.iterdir()) == []


def test_list_in_a_pipe_is_tab_separated(mho: Mho, server: LiveServer) -> None:
    job = failed_job(server.jobs)
    code, out, _ = mho("list", "--limit", "3")
    assert code == 0
    header, first, *_ = [line.split("\t") for line in out.splitlines()]
    assert header == ["id", "state", "done", "stage", "created", "name"]
    assert first[:2] == [job.id, "failed"]
    assert {line.split("\t")[1] for line in mho("list", "--state", "failed")[1].splitlines()[1:]} == {"failed"}
    assert json.loads(mho("list", "--json")[1])["jobs"][0]["id"] == job.id


def test_list_holds_every_label_against_the_jobs(mho: Mho, server: LiveServer) -> None:
    job = server.jobs.create(DOCUMENT, labels={"of:this": "test", "of": "it"})
    both = ("list", "--label", "of:this:test", "--label", "of:it")
    assert [line.split("\t")[0] for line in mho(*both)[1].splitlines()] == ["id", job.id]
    # One key has one value.
    assert mho(*both, "--label", "of:another")[1].count("\n") == 1
    for none in ("", "of", ":it"):
        code, out, err = mho("list", "--label", none)
        assert (code, out) == (2, "")
        assert f"got '{none}'; allowed: KEY:VALUE" in err


def test_cancel(mho: Mho, server: LiveServer) -> None:
    job = server.jobs.create(DOCUMENT)
    code, out, _ = mho("cancel", job.id)
    assert (code, out) == (0, f"{job.id} cancelled\n")
    code, out, err = mho("cancel", job.id)
    assert (code, out) == (2, "")
    assert "cancelled" in err


def test_compile_runs_here_and_now_through_its_entry_point(job_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = program("compile", str(job_file), "--out", str(out), "--threads", "1", "--device", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line) for line in done.stdout.splitlines())
    stages = [rung["stage"] for rung in json.loads((out / "report.json").read_text())["ladder"]]
    assert stages[:3] == ["float", "rounded", "hardware_aware"]
    broken = job_file.with_name("broken.json")
    broken.write_text("{")
    refused = program("compile", str(broken), "--out", str(out))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"mho: {broken}: broken JSON at line 1, column 2")
    refused = program("compile", "-", "--out", str(out), input='{"hardware": "nothing", "dataset": "digits"}')
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "fefet-2b" in refused.stderr
