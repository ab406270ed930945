from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore import pipeline
from hwcore.wires import memory as memory_of_wires
from worker.protocol import Outcome, Request, read_line
from worker.run_attempt import main


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def request(document: dict[str, Any], out: Path) -> Request:
    return Request(document, out, "cpu", None, 1)


def outcome_of(document: dict[str, Any], out: Path) -> tuple[int, Outcome]:
    events = io.StringIO()
    status = main(io.BytesIO(request(document, out).to_json()), events)
    last = read_line(events.getvalue().splitlines()[-1].encode())
    assert isinstance(last, Outcome)
    return status, last


def test_every_fault_of_a_document_is_in_the_error(tmp_path: Path) -> None:
    status, outcome = outcome_of({"kind": "compile", "dataset": "nothing", "hardware": "no-chip"}, tmp_path / "out")
    assert (status, outcome.event) == (1, "failed")
    assert outcome.error is not None
    assert outcome.error["reason"] == "INVALID_INPUT"
    assert "dataset:" in outcome.error["detail"]
    assert "hardware:" in outcome.error["detail"]
    assert not (tmp_path / "out").exists()


def test_an_output_that_exists_is_a_fault_of_mho(document: dict[str, Any], tmp_path: Path) -> None:
    status, outcome = outcome_of(document, tmp_path)
    assert status == 1
    assert outcome.error is not None
    assert outcome.error["reason"] == "INTERNAL"


def raise_memory_error() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("cause", "reason", "words"),
    [
        (raise_memory_error, "OUT_OF_MEMORY", "smaller batch"),
        # 4 PB: what torch says when the machine has no more.
        (lambda: torch.empty(10**15), "OUT_OF_MEMORY", "smaller batch"),
        (lambda: 1 / 0, "INTERNAL", "ZeroDivisionError: division by zero"),
    ],
)
def test_errors_of_every_kind_have_a_reason(
    document: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cause: Callable[[], Any],
    reason: str,
    words: str,
) -> None:
    monkeypatch.setattr(pipeline, "run", lambda *_, **__: cause())
    status, outcome = outcome_of(document, tmp_path / "out")
    assert status == 1
    assert outcome.error is not None
    assert outcome.error["reason"] == reason
    assert words in outcome.error["detail"]
    assert "Traceback" in capsys.readouterr().err


def test_arrays_that_do_not_fit_are_out_of_memory_with_the_figure(
    document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_of_wires, "available_memory", lambda: 1000)
    hardware = {"cell": {"levels": 4, "g_max": 1e-5}, "array": {"wire_resistance": {"word": 1.0, "bit": 1.0}}}
    status, outcome = outcome_of({**document, "hardware": hardware}, tmp_path / "out")
    assert (status, outcome.event) == (1, "failed")
    assert outcome.error is not None
    assert outcome.error["reason"] == "OUT_OF_MEMORY"
    assert "2 arrays of 64 x 8 cells takes 0.0 GB of memory; allowed here: 0.0 GB; use" in outcome.error["detail"]
    assert not (tmp_path / "out").exists()


def test_a_real_training_is_cancelled_by_sigterm(document: dict[str, Any], tmp_path: Path) -> None:
    endless = {**document, "training": {"epochs": 1000}}
    process = subprocess.Popen(
        [sys.executable, "-m", "worker.run_attempt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request(endless, tmp_path / "out").to_json())
    process.stdin.close()
    events = [json.loads(process.stdout.readline()) for _ in range(3)]
    assert [event["event"] for event in events] == ["progress"] * 3
    process.terminate()
    rest = [json.loads(line) for line in process.stdout.read().splitlines()]
    process.stdout.close()
    assert process.wait(30) == 130
    assert rest[-1] == {"event": "cancelled"}
    assert list(tmp_path.iterdir()) == []
