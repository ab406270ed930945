"""Names of strangers are shown and not obeyed; names that are not UTF-8 are refused by the name of their option."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.program import run
from hwcore.progress import Progress
from tests.app.finished_jobs import DOCUMENT
from tests.app.live_server import LiveServer
from tests.hwcore.uploads.files import digits_arrays, write_npz
from worker.contract import JobState
from worker.contract.process.harmless import STEERING

HOSTILE = "\x1b]0;owned\x07\x1b[31m[red]\x9b2J\x7f\u202egnp.exe :smile:"
SHOWN = "\\x1b]0;owned\\x07\\x1b[31m[red]\\u009b2J\\u007f\\u202egnp.exe :smile:"

DRAWING = re.compile(r"\x1b\[(\d+(;\d+)*m|\?25[lh]|2K|1A)|\r")
"""What rich steers a terminal with, between the texts."""

Mho = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mho(server: LiveServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mho:
    """Runs a command in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("MHO_URL", server.url)

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(arguments)
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("terminal", [False, True])
def test_names_and_messages_steer_no_terminal(
    mho: Mho, server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, terminal: bool
) -> None:
    if terminal:
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "400")
    job = server.jobs.create(DOCUMENT, name=HOSTILE, labels={"a": HOSTILE})
    running = server.jobs.claim(job.id, "tests", lease_seconds=60)
    assert running is not None
    server.jobs.heartbeat(job.id, running.attempt, 600, Progress("float", 1, 2, 0.25, HOSTILE))
    error = {"reason": "TRAINING_FAILED", "detail": HOSTILE}
    server.jobs.finish(job.id, running.attempt, JobState.FAILED, error=error)
    content = write_npz(tmp_path / "own.npz", {**digits_arrays(), "full_scale": 60 + terminal}).read_bytes()
    server.http.post(
        "/v1/datasets", content=content, headers={"Content-Type": "application/x-npz"}, params={"name": HOSTILE}
    )
    for arguments, count in (
        (("list", "--limit", "1"), 1),
        (("dataset", "list", "--limit", "1"), 1),
        (("watch", job.id), 2),
    ):
        _, out, err = mho(*arguments)
        told = DRAWING.sub("", out) + err
        assert ("\x1b" in out) is terminal
        assert told.count(SHOWN) >= count, arguments
        assert STEERING.search(told) is None, arguments
    _, out, _ = mho("list", "--limit", "1", "--json")
    assert STEERING.search(out) is None
    assert json.loads(out)["jobs"][0]["name"] == HOSTILE
    assert json.loads(out)["jobs"][0]["labels"] == {"a": HOSTILE}


def test_a_name_is_one_cell_of_one_line(mho: Mho, server: LiveServer) -> None:
    server.jobs.create(DOCUMENT, name="two\nlines\tand a tab")
    rows = [line.split("\t") for line in mho("list", "--limit", "1")[1].splitlines()]
    assert [len(row) for row in rows] == [6, 6]


@pytest.mark.parametrize(
    "arguments", [("list", "--\x1b[31m"), ("\x1b[31m",), ("list", "--state", "\x1b\u202e"), ("get", "\x1b")]
)
def test_what_was_typed_is_shown_as_well(mho: Mho, arguments: tuple[str, ...]) -> None:
    code, out, err = mho(*arguments)
    assert (code, out) == (2, "")
    assert "\\x1b" in err
    assert STEERING.search(err) is None


BAD = os.fsdecode(b"bad\xff")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("dataset", "add", f"{BAD}.npz"), "FILE"),
        (("dataset", "add", "own.npz", "--name", BAD), "--name"),
        (("dataset", "add", f"--name={BAD}", "own.npz"), "--name"),
        (("dataset", "remove", BAD), "ID"),
        (("watch", BAD), "ID"),
        (("watch", "--json", BAD), "ID"),
        (("get", "x", "--force", "--out", BAD), "--out"),
        (("cancel", "--url", "http://127.0.0.1:9", BAD), "ID"),
        (("list", "--label", BAD), "--label"),
        (("submit", BAD), "JOB.json"),
        (("validate", BAD), "JOB.json"),
        (("compile", "job.json", "--out", BAD), "--out"),
        (("compile", BAD, "--out", "out"), "JOB.json"),
        (("hardware", BAD), "[NAME]"),
        (("token", "create", BAD, "--scope", "read"), "NAME"),
        (("token", "revoke", BAD), "ID"),
        (("gc", "--home", BAD), "--home"),
        (("serve", "--host", BAD), "--host"),
        (("server", "--host", BAD), "--host"),
        (("worker", BAD), "command"),
        ((BAD,), "command"),
        (("list", f"--{BAD}"), "command"),
    ],
)
def test_an_argument_that_is_not_utf_8_is_refused_by_its_name(mho: Mho, arguments: tuple[str, ...], named: str) -> None:
    code, out, err = mho(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"mho: {named}: got '")
    assert err.endswith(", which is not UTF-8; allowed: text in UTF-8\n")
    assert err.count("\n") == 1
    assert "bad\\xff" in err


@pytest.mark.parametrize("name", ["MHO_URL", "MHO_TOKEN", "MHO_HOME", "MHO_DATABASE_URL"])
def test_a_variable_that_is_not_utf_8_is_refused_and_not_repeated(
    mho: Mho, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, BAD)
    expected = f"mho: {name}: got 4 bytes, which is not UTF-8; allowed: text in UTF-8\n"
    assert mho("list") == (2, "", expected)


def test_an_address_that_is_none_is_refused_by_where_it_came_from(mho: Mho, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = "http:// or https://, a host name in ASCII or as an IDN, and a port where it is not the usual one"
    for command in (("list",), ("watch", "x"), ("dataset", "list"), ("validate", "x")):
        assert mho(*command, "--url", "http://ü .x") == (2, "", f"mho: --url: got 'http://ü .x'; allowed: {allowed}\n")
    monkeypatch.setenv("MHO_URL", "mho.example")
    assert mho("list") == (2, "", f"mho: MHO_URL: got 'mho.example'; allowed: {allowed}\n")


def test_a_token_has_a_name_that_can_be_printed(mho: Mho, tmp_path: Path) -> None:
    code, out, err = mho("token", "create", "\x1b]0;x", "--scope", "read", "--home", str(tmp_path))
    assert (code, out) == (2, "")
    assert re.fullmatch(r"mho: name: got '\\x1b\]0;x'; allowed: 1 to \d+ printable characters\n", err)
