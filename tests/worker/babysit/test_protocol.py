from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwcore.progress import Progress
from worker.babysit.protocol import (
    CheckpointNote,
    JudgedNote,
    OfferNote,
    Outcome,
    Request,
    ResultNote,
    ShareRequest,
    checkpoint_line,
    judged_line,
    offer_line,
    outcome_line,
    progress_line,
    read_line,
    result_line,
    result_name,
)


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
        judged=Path("/judged"),
        offers=Path("/offers"),
        share_chips=7,
    )
    assert Request.from_json(request.to_json()) == request


@pytest.mark.parametrize("data_dir", [None, Path("/data")])
def test_the_request_of_a_share_arrives_as_it_was_sent(data_dir: Path | None) -> None:
    request = ShareRequest("ab" * 32, ["drift+wires.3"], data_dir, 3, None, "file:///blobs", Path("/cache"))
    assert ShareRequest.from_json(request.to_json()) == request


@pytest.mark.parametrize("progress", [Progress("float", 1, 10, 0.25, "a\nb"), Progress("mapping", None, None, 1.0, "")])
def test_progress_arrives_as_it_was_sent(progress: Progress) -> None:
    line = progress_line(progress)
    assert "\n" not in line
    assert read_line(line.encode()) == progress


def test_a_judged_chip_arrives_as_it_was_sent() -> None:
    note = JudgedNote("0f" * 32, "drift+wires.12", (9871, 9702))
    line = judged_line(note)
    assert read_line(line.encode()) == note
    # As the worker keeps it under this name, it has to be one.
    for bad in ("0F" * 32, "../" * 10, 7):
        assert read_line(json.dumps({**json.loads(line), "bundle": bad}).encode()) is None


def test_a_checkpoint_arrives_as_it_was_sent() -> None:
    note = CheckpointNote("hardware_aware", 7)
    assert read_line(checkpoint_line(note).encode()) == note
    assert note.name == "hardware_aware-7.safetensors"


def test_an_offer_and_a_result_arrive_as_they_were_sent() -> None:
    offer, result = OfferNote(("drift+wires.3", "each_layer.0")), ResultNote("drift+wires.3", (17, 0))
    assert read_line(offer_line(offer).encode()) == offer
    assert read_line(result_line(result).encode()) == result
    assert result_name(result.task) == "drift+wires.3.json"


@pytest.mark.parametrize("name", ["../../etc.1", "drift", "drift.x", ".1", "a/b.1", "drift.1\n", "", None, 3])
def test_a_task_of_another_name_is_none(name: object) -> None:
    assert read_line(json.dumps({"event": "offer", "tasks": ["drift.1", name]}).encode()) is None
    assert read_line(json.dumps({"event": "result", "task": name, "correct": [1]}).encode()) is None


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
        b'{"event": "offer"}',
        b'{"event": "offer", "tasks": 1}',
        b'{"event": "result", "task": "drift.1"}',
        b'{"event": "result", "task": "drift.1", "correct": ["many"]}',
        b'{"event": "result", "task": "drift.0", "correct": [Infinity]}',
        b'{"event": "checkpoint", "stage": "float", "epoch": Infinity}',
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
