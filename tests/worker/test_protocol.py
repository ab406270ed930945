from __future__ import annotations

from pathlib import Path

import pytest

from hwcore.progress import Progress
from worker.protocol import CheckpointNote, Outcome, Request, checkpoint_line, outcome_line, progress_line, read_line


@pytest.mark.parametrize("data_dir", [None, Path("/data")])
def test_a_request_arrives_as_it_was_sent(data_dir: Path | None) -> None:
    request = Request(
        {"kind": "compile", "name": 'µ\n"x"'},
        Path("/out"),
        "cuda:1",
        data_dir,
        3,
        checkpoints=Path("/kept"),
        checkpoint_seconds=0.5,
        resume_from=data_dir,
        memory_bytes=1 << 30,
    )
    assert Request.from_json(request.to_json()) == request


@pytest.mark.parametrize("progress", [Progress("float", 1, 10, 0.25, "a\nb"), Progress("mapping", None, None, 1.0, "")])
def test_progress_arrives_as_it_was_sent(progress: Progress) -> None:
    line = progress_line(progress)
    assert "\n" not in line
    assert read_line(line.encode()) == progress


def test_a_checkpoint_arrives_as_it_was_sent() -> None:
    note = CheckpointNote("hardware_aware", 7)
    assert read_line(checkpoint_line(note).encode()) == note
    assert note.name == "hardware_aware-7.safetensors"


def test_a_checkpoint_of_no_stage_is_none() -> None:
    assert read_line(b'{"event": "checkpoint", "stage": "../../etc", "epoch": 1}') is None


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("succeeded", result={"ladder": [{"stage": "float", "accuracy": 0.98}]}),
        Outcome("failed", error={"reason": "TRAINING_FAILED", "detail": "epoch 3\nloss nan"}),
        Outcome("cancelled"),
        Outcome("handed_over"),
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
