"""Closed, full and broken streams: what is told never costs what is made."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TextIO

import httpx
import pytest
import typer

from app.cli.program import FOLLOWERS, MAKERS, program, run
from app.cli.streams import BROKEN_PIPE, UNWRITTEN
from tests.app.finished_jobs import DOCUMENT, succeeded_job
from tests.app.live_server import NOBODY, LiveServer, settings_for, wait_until
from tests.hwcore.uploads.files import digits_arrays, write_npz
from worker.contract import BlobStore, JobState, TokenStore

SENTENCES = {
    "closed": "mho: standard output cannot be written: it is closed\n",
    "full": "mho: standard output cannot be written: No space left on device\n",
    "broken": "",
}
"""What is said of a standard output that is in this state."""


@contextmanager
def stream(state: str) -> Iterator[TextIO | None]:
    """A real stream in this state, as Python makes it of a descriptor."""
    if state == "closed":
        yield None
        return
    if state == "broken":
        reading, writing = os.pipe()
        os.close(reading)
    else:
        writing = os.open("/dev/full", os.O_WRONLY)
    opened = os.fdopen(writing, "w", encoding="utf-8")
    yield opened
    opened.close()


Mho = Callable[..., tuple[int, str]]


@pytest.fixture
def mho(server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mho:
    """Runs a command whose standard output is in a state: exit code and standard error."""
    monkeypatch.setenv("MHO_URL", server.url)
    monkeypatch.setenv("MHO_HOME", str(tmp_path / "home"))

    def call(out: str, *arguments: str, err: str = "") -> tuple[int, str]:
        told = io.StringIO()
        with stream(out) as stdout, stream(err) if err else stream("closed") as stderr, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stdout)
            patch.setattr(sys, "stderr", stderr if err else told)
            return run(arguments), told.getvalue()

    return call


PRINTING: dict[str, tuple[str, ...]] = {
    "the version": ("--version",),
    "the help": ("--help",),
    "help of a command": ("list", "--help"),
    "the presets": ("hardware",),
    "the presets for machines": ("hardware", "--json"),
    "a valid job": ("validate", "JOB"),
    "a valid job for machines": ("validate", "JOB", "--json"),
    "jobs": ("list",),
    "jobs for machines": ("list", "--json"),
    "datasets": ("dataset", "list"),
    "tokens": ("token", "list"),
    "a finished job": ("watch", "DONE"),
    "a finished job for machines": ("watch", "DONE", "--json"),
}
"""Commands that print and do nothing else."""


DOING = frozenset({"submit", "watch", "cancel", "dataset add", "dataset remove", "gc", "token create", "token revoke"})
"""Commands that do something and print what, each in a test below."""


def commands(group: Any, prefix: str = "") -> Iterator[str]:
    """Every command of the program, as it is typed."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def test_every_command_is_in_a_table() -> None:
    every = set(commands(typer.main.get_command(program)))
    printing = {name for name in every for arguments in PRINTING.values() if name == " ".join(arguments)[: len(name)]}
    assert every == printing | DOING | MAKERS
    assert FOLLOWERS <= DOING


@pytest.mark.parametrize("state", ["closed", "full", "broken"])
def test_what_is_only_printed_has_an_exit_code_where_it_cannot_be(
    mho: Mho, server: LiveServer, tmp_path: Path, state: str
) -> None:
    job = tmp_path / "job.json"
    job.write_text(json.dumps(DOCUMENT))
    values = {"JOB": str(job), "DONE": succeeded_job(server.jobs, server.artifacts).id}
    expected = BROKEN_PIPE if state == "broken" else UNWRITTEN
    for what, arguments in PRINTING.items():
        code, told = mho(state, *(values.get(each, each) for each in arguments))
        assert (code, told[-len(SENTENCES[state]) :] if SENTENCES[state] else "") == (expected, SENTENCES[state]), what
        assert "Traceback" not in told, what
    assert mho(state, "list", err="full") == (expected, "")
    assert mho(state, "list", err="closed") == (expected, "")


def test_a_code_of_its_own_comes_first_and_nothing_printed_is_nothing_lost(mho: Mho, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert mho("full", "validate", str(broken), "--json")[0] == 2
    assert mho("full", "list", "--limit", "0")[0] == 2
    code, told = mho("closed", "dataset", "remove", "nothing")
    assert (code, told.count("\n")) == (2, 1)


@pytest.mark.parametrize("state", ["closed", "full", "broken"])
def test_what_is_done_is_done(mho: Mho, server: LiveServer, tmp_path: Path, state: str) -> None:
    expected = BROKEN_PIPE if state == "broken" else UNWRITTEN
    job = tmp_path / "job.json"
    job.write_text(json.dumps(DOCUMENT | {"name": f"posted to {state}"}))
    code, told = mho(state, "submit", str(job))
    (posted,) = server.http.get("/v1/jobs", params={"name": f"posted to {state}"}).json()["jobs"]
    assert code == expected
    # It will not be posted a second time by whoever reads this.
    assert f"mho: job {posted['id']} is posted\n" in told
    # Nor is it followed for ever where nobody hears of it.
    assert mho(state, "submit", str(job), "--watch")[0] == expected
    assert mho(state, "watch", posted["id"])[0] == expected
    assert mho(state, "cancel", posted["id"])[0] == expected
    assert server.jobs.get(posted["id"]).state is JobState.CANCELLED
    own = write_npz(tmp_path / "own.npz", {**digits_arrays(), "full_scale": 40 + list(SENTENCES).index(state)})
    assert mho(state, "dataset", "add", str(own), "--name", state)[0] == expected
    assert state in [each["name"] for each in server.http.get("/v1/datasets").json()["datasets"]]
    done = succeeded_job(server.jobs, server.artifacts)
    code, told = mho(state, "get", done.id, "--out", str(tmp_path / "out"))
    assert (code, told) == (0, SENTENCES[state])
    assert (tmp_path / "out" / "report.json").is_file()


@pytest.mark.parametrize("state", ["closed", "full", "broken"])
def test_what_is_done_to_a_service_is_done(mho: Mho, tmp_path: Path, state: str) -> None:
    expected = BROKEN_PIPE if state == "broken" else UNWRITTEN
    home = tmp_path / "home"
    assert mho(state, "token", "create", "nobody has it", "--scope", "read")[0] == expected
    settings = settings_for(home)
    with closing(TokenStore(settings.database_url)) as tokens:
        (made,) = tokens.list()
        assert mho(state, "token", "revoke", made.id)[0] == expected
        assert tokens.list()[0].revoked_at is not None
    blobs = BlobStore(settings.artifacts_url)
    path = blobs.local_path(blobs.put_bytes(b"nobody needs it").sha256)
    assert path is not None
    path.write_bytes(b"damaged")
    # What it found is what its code says; what it prints is lost.
    code, told = mho(state, "gc", "--verify")
    assert (code, told) == (1, f"1 files of 7 bytes read, 1 lost\n{SENTENCES[state]}")
    os.utime(path, (0, 0))
    code, told = mho(state, "gc")
    assert (code, told) == (expected, f"0 jobs and 1 files of 7 bytes removed\n{SENTENCES[state]}")
    assert not path.exists()


def test_a_training_ends_with_its_files_whatever_the_streams_do(mho: Mho, tmp_path: Path) -> None:
    job = tmp_path / "job.json"
    small = {"hardware": "fefet-2b", "dataset": "digits", "model": {"type": "mlp", "hidden": [2]}}
    job.write_text(json.dumps(small | {"training": {"epochs": 1}, "evaluation": {"chips": 1}}))
    out = tmp_path / "out"
    code, told = mho("full", "compile", str(job), "--out", str(out), "--device", "cpu", "--threads", "1")
    assert (code, told) == (0, SENTENCES["full"])
    listed = json.loads((out / "manifest.json").read_text())["files"]
    assert {"report.json", "conductances.npz", "weights.safetensors"} <= set(listed)
    assert all((out / name).is_file() for name in listed)
    assert mho("broken", "compile", str(job), "--out", str(out), err="full") == (2, "")


def test_standard_input_that_is_closed_is_said_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As Python has it where descriptor 0 was closed.
    monkeypatch.setattr(sys, "stdin", None)
    expected = "mho: standard input: cannot be read: it is closed; allowed: a JSON file, or - for standard input\n"
    for arguments in (["validate", "-"], ["submit", "-"], ["compile", "-", "--out", "out"]):
        assert run(arguments) == 2
        assert capsys.readouterr() == ("", expected)


def test_a_server_runs_and_ends_well_without_any_stream(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = {"MHO_HOME": str(tmp_path), "MHO_BROKER_URL": NOBODY}
    line = f"exec {Path(sys.executable).parent / 'mho'} server --port {port} <&- >&- 2>&-"
    serving = subprocess.Popen(["/bin/sh", "-c", line], env=os.environ | home)

    def answers() -> bool:
        assert serving.poll() is None
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
        except httpx.TransportError:
            time.sleep(0.1)
            return False

    try:
        wait_until(answers, 60)
        # No file of the service has become a standard stream.
        streams = {os.readlink(f"/proc/{serving.pid}/fd/{number}") for number in range(3)}
        assert streams == {os.devnull}
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=30) == 0
