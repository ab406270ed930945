from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hwcore.errors import TrainingFailed
from hwcore.progress import Progress
from hwcore.wires import memory as memory_of_wires
from worker.compile_command import compile_job
from worker.compile_display import BarDisplay, EventDisplay, LineDisplay, choose_display
from worker.contract.process.console import TextConsole

REPORT = {"ladder": [{"stage": "float", "accuracy": 0.9812, "std": None, "count": 10000, "chips": None}]}

COMPILE = """
import sys
from pathlib import Path
from worker.compile_command import compile_job
sys.exit(compile_job(Path(sys.argv[1]), Path(sys.argv[2]), device="cpu", json_output=True, threads=1))
"""


@pytest.fixture
def job(document: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "job.json"
    path.write_text(json.dumps(document))
    return path


def test_a_job_from_file_to_files(job: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert compile_job(job, out, device="cpu", threads=1) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    assert any("float" in line and "epoch 1/1" in line for line in lines)
    ladder = lines[next(number for number, line in enumerate(lines) if line.startswith("stage ")) :]
    stages = [rung["stage"] for rung in json.loads((out / "report.json").read_text())["ladder"]]
    assert ladder[0].endswith(" %")
    assert " p05  yield at " in ladder[0]
    assert [line.split()[0] for line in ladder[1:-2]] == stages
    assert ladder[-2].startswith("target ")
    assert "below hardware_aware of this run" in ladder[-2]
    assert ladder[-1] == f"the artifacts are in {out}"
    # The folder is there now: it is not replaced unasked, and then it is.
    before = (out / "report.json").read_bytes()
    assert compile_job(job, out, device="cpu", threads=1) == 2
    assert "--force" in capsys.readouterr().err
    assert compile_job(job, out, force=True, device="cpu", json_output=True, threads=1) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert events[-1]["event"] == "succeeded"
    result = events[-1]["result"]
    assert result["out"] == str(out)
    assert result["target_accuracy"] == result["ladder"][2]["accuracy"] - 0.01
    assert result["target_accuracy_source"] == {"type": "derived", "rung": "hardware_aware", "less": 0.01}
    assert (out / "report.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job.json", "out"]


def test_every_fault_has_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "job.json"
    path.write_text('{"kind": "compile", "hardware": {"cell": {"levels": 1, "g_max": -1}}, "dataset": "nothing"}')
    assert compile_job(path, tmp_path / "out") == 2
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert len(lines) == 3
    for place in ("hardware.cell.levels: got 1; allowed:", "hardware.cell.g_max: got -1", 'dataset: got "nothing"'):
        assert any(line.startswith(f"mho: {place}") for line in lines), place
    assert captured.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"kind": "compile",}', "line 1"),
        (b"", "JSON"),
        (b"x" * 2_000_000, "more than 1,048,576 bytes"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, words: str
) -> None:
    path = tmp_path / "job.json"
    if content is not None:
        path.write_bytes(content)
    assert compile_job(path, tmp_path / "out", json_output=True) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    event = json.loads(captured.out)
    assert (event["event"], event["error"]["reason"]) == ("failed", "INVALID_INPUT")


def test_arrays_that_do_not_fit_into_memory_are_refused_before_anything_is_trained(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_of_wires, "available_memory", lambda: 1000)
    path = tmp_path / "job.json"
    array = {"sense_resistance": 5.0}
    path.write_text(json.dumps({**document, "hardware": {"cell": {"levels": 4, "g_max": 1e-5}, "array": array}}))
    assert compile_job(path, tmp_path / "out", device="cpu", json_output=True, threads=1) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("mho: the transfer matrix of 2 arrays of 64 x 8 cells takes ")
    (event,) = (json.loads(line) for line in captured.out.splitlines())
    assert (event["event"], event["error"]["reason"]) == ("failed", "OUT_OF_MEMORY")
    assert not (tmp_path / "out").exists()


def test_the_job_can_come_on_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"kind": "nothing"}')))
    assert compile_job(Path("-"), tmp_path / "out") == 2
    assert "kind" in capsys.readouterr().err


def test_an_output_below_a_file(job: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compile_job(job, job / "out") == 2
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_leaves_nothing(
    document: dict[str, Any], tmp_path: Path, number: signal.Signals, status: int
) -> None:
    path = tmp_path / "job.json"
    path.write_text(json.dumps({**document, "training": {"epochs": 1000}}))
    process = subprocess.Popen(
        [sys.executable, "-c", COMPILE, str(path), str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "progress"
    os.kill(process.pid, number)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == status
    assert "nothing was left behind" in errors
    assert "Traceback" not in errors
    assert json.loads(output.splitlines()[-1])["error"]["reason"] == "CANCELLED"
    assert [entry.name for entry in tmp_path.iterdir()] == ["job.json"]


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    output = io.StringIO()
    display = BarDisplay(TextConsole(output))
    with display:
        display.step(Progress("float", 3, 10, 0.25, "loss 0.1 [not markup]"))
        display.succeeded(REPORT, Path("out"))
    text = output.getvalue()
    for words in ("float", "25%", "epoch 3/10", "loss 0.1 [not markup]", "98.12 %", "the artifacts are in out"):
        assert words in text


def test_a_pipe_gets_a_line_per_epoch_and_few_for_many_chips() -> None:
    output = io.StringIO()
    display = LineDisplay(output)
    for epoch in (1, 2):
        display.step(Progress("float", epoch, 2, 0.1 * epoch, "loss"))
    for chip in range(1000):
        display.step(Progress("evaluation", None, None, 0.9, f"chip {chip} of 1000"))
    display.failed(TrainingFailed("reported on standard error"))
    lines = output.getvalue().splitlines()
    assert lines[:3] == [
        " 10.0 %  float  epoch 1/2  loss",
        " 20.0 %  float  epoch 2/2  loss",
        " 90.0 %  evaluation  chip 0 of 1000",
    ]
    assert len(lines) < 10


def test_the_display_is_chosen_by_where_it_goes() -> None:
    assert isinstance(choose_display(io.StringIO(), json_output=True), EventDisplay)
    assert isinstance(choose_display(io.StringIO(), json_output=False), LineDisplay)
