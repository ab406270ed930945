from __future__ import annotations

from pathlib import Path

import pytest

from hwcore.progress import Progress
from worker.protocol import Outcome, Request, outcome_line, progress_line, read_line


@pytest.mark.parametrize("data_dir", [None, Path("/data")])
def test_a_request_arrives_as_it_was_sent(data_dir: Path | None) -> None:
    request = Request({"kind": "compile", "name": 'µ\n"x"'}, Path("/out"), "cuda:1", data_dir, 3)
    assert Request.from_json(request.to_json()) == request


@pytest.mark.parametrize("progress", [Progress("float", 1, 10, 0.25, "a\nb"), Progress("mapping", None, None, 1.0, "")])
def test_progress_arrives_as_it_was_sent(progress: Progress) -> None:
    line = progress_line(progress)
    assert "\n" not in line
    assert read_line(line.encode()) == progress


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("succeeded", result={"ladder": [{"stage": "float", "accuracy": 0.98}]}),
        Outcome("failed", error={"reason": "TRAINING_FAILED", "detail": "epoch 3\nloss nan"}),
        Outcome("cancelled"),
    ],
)
def test_an_outcome_arrives_as_it_was_sent(outcome: Outcome) -> None:
    assert read_line(outcome_line(outcome).encode()) == outcome


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"epoch 1",
        b"1",
        b"null",
        b"[]",
        b"{}",
        b'{"event": "unheard of"}',
        b'{"event": "progress"}',
        b'{"event": "progress", "stage": "x", "epoch": 1, "epochs": 1, "fraction": "half", "message": ""}',
        b'{"event": "failed", "error": null}',
        b'{"event": "succeeded"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_anything_else_is_no_event(line: bytes) -> None:
    assert read_line(line) is None


def test_a_fraction_stays_a_fraction() -> None:
    line = b'{"event": "progress", "stage": "x", "epoch": null, "epochs": null, "fraction": 7, "message": ""}'
    event = read_line(line)
    assert isinstance(event, Progress)
    assert event.fraction == 1.0
