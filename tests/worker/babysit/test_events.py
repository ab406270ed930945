from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields
from typing import Any, get_args

import pytest

from hwcore.progress import Progress
from worker.babysit.events import (
    EVENT_NAMES,
    CancelledNote,
    CheckpointNote,
    Event,
    FailedNote,
    HandedOverNote,
    JudgedNote,
    OfferNote,
    Outcome,
    ResultNote,
    SucceededNote,
    event_line,
    read_line,
)

BUNDLE = "0f" * 32
LONGEST_TASK = "adc+drift+programming+read+stuck_at+wires.99999-0123456789abcdef"
EXAMPLES: list[tuple[Event, dict[str, Any]]] = [
    (
        Progress("float", 1, 10, 0.25, "a\nb", 3.5),
        {
            "event": "progress",
            "stage": "float",
            "epoch": 1,
            "epochs": 10,
            "fraction": 0.25,
            "message": "a\nb",
            "seconds_left": 3.5,
        },
    ),
    (
        CheckpointNote("hardware_aware", 7, (2, 7)),
        {"event": "checkpoint", "stage": "hardware_aware", "epoch": 7, "reached": [2, 7]},
    ),
    (
        JudgedNote(BUNDLE, "drift+wires.12", (9871, 9702)),
        {"event": "judged", "bundle": BUNDLE, "task": "drift+wires.12", "correct": [9871, 9702]},
    ),
    (OfferNote((LONGEST_TASK, "each_layer.0")), {"event": "offer", "tasks": [LONGEST_TASK, "each_layer.0"]}),
    (ResultNote("drift.3", (17, 0)), {"event": "result", "task": "drift.3", "correct": [17, 0]}),
    (
        SucceededNote({"ladder": [{"accuracy": 0.98}]}),
        {"event": "succeeded", "result": {"ladder": [{"accuracy": 0.98}]}},
    ),
    (
        FailedNote.of("TRAINING_FAILED", "epoch 3\nloss nan"),
        {"event": "failed", "error": {"reason": "TRAINING_FAILED", "detail": "epoch 3\nloss nan"}},
    ),
    # A path that is not UTF-8, as Python has it in its messages.
    (
        FailedNote.of("INTERNAL", "no file b\udcffd.npz"),
        {"event": "failed", "error": {"reason": "INTERNAL", "detail": "no file b\\udcffd.npz"}},
    ),
    (CancelledNote(), {"event": "cancelled"}),
    (HandedOverNote(), {"event": "handed_over"}),
]
"""An event of every kind, and its line: `mho compile --json` writes these, too."""


@pytest.mark.parametrize(("event", "written"), EXAMPLES)
def test_an_event_arrives_as_it_was_sent(event: Event, written: dict[str, Any]) -> None:
    line = event_line(event)
    assert line == json.dumps(written)
    assert "\n" not in line
    assert read_line(line.encode()) == event


def test_every_kind_of_event_has_an_example_a_name_and_does_not_change() -> None:
    assert {type(event) for event, _ in EXAMPLES} == set(EVENT_NAMES)
    assert len(set(EVENT_NAMES.values())) == len(EVENT_NAMES)
    for event, _ in EXAMPLES:
        for field in fields(event):
            with pytest.raises(FrozenInstanceError):
                setattr(event, field.name, None)


def test_every_outcome_has_an_exit_status_of_its_own() -> None:
    assert {EVENT_NAMES[kind]: kind.exit_status for kind in get_args(Outcome)} == {
        "succeeded": 0,
        "failed": 1,
        "cancelled": 130,
        "handed_over": 75,
    }


@pytest.mark.parametrize("written", [written for _, written in EXAMPLES])
def test_an_event_without_one_of_its_fields_is_refused(written: dict[str, Any]) -> None:
    for name in written.keys() - {"seconds_left"}:
        assert read_line(json.dumps({key: value for key, value in written.items() if key != name}).encode()) is None


@pytest.mark.parametrize("name", ["../../etc", ".1", "a/b.1", "drift.1\n", "Drift.1", "a" * 151, "", None, 3])
def test_a_task_name_that_cannot_be_the_name_of_a_file_is_refused(name: object) -> None:
    assert read_line(json.dumps({"event": "offer", "tasks": ["drift.1", name]}).encode()) is None
    assert read_line(json.dumps({"event": "result", "task": name, "correct": [1]}).encode()) is None


@pytest.mark.parametrize("bundle", ["0F" * 32, "../" * 10, "0f" * 31, "0f" * 32 + "\n", 7])
def test_a_bundle_that_is_no_digest_is_refused(bundle: object) -> None:
    note = {"event": "judged", "bundle": bundle, "task": "drift.1", "correct": [1]}
    assert read_line(json.dumps(note).encode()) is None


@pytest.mark.parametrize("correct", [["1"], [1.5], [-1], [True], [None], 1, "12"])
def test_an_answer_that_is_not_a_list_of_counts_is_refused(correct: object) -> None:
    assert read_line(json.dumps({"event": "result", "task": "drift.1", "correct": correct}).encode()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"fraction": 7},
        {"fraction": -0.1},
        {"fraction": float("nan")},
        {"fraction": "half"},
        {"seconds_left": -1},
        {"seconds_left": float("inf")},
        {"epoch": "1"},
    ],
)
def test_an_impossible_progress_is_refused(changes: dict[str, Any]) -> None:
    possible = json.loads(event_line(Progress("float", 1, 10, 0.25, "")))
    assert read_line(json.dumps(possible).encode()) is not None
    assert read_line(json.dumps({**possible, **changes}).encode()) is None


@pytest.mark.parametrize("stage", ["../../etc", "", "a" * 41, "float\n", None, 3])
def test_a_checkpoint_of_no_stage_is_refused(stage: object) -> None:
    assert read_line(json.dumps({"event": "checkpoint", "stage": stage, "epoch": 1, "reached": [1]}).encode()) is None


def test_the_stages_of_a_checkpoint_are_those_of_its_job() -> None:
    line = json.dumps({"event": "checkpoint", "stage": "drawn", "epoch": 1, "reached": [0, 3, 1]}).encode()
    assert read_line(line) == CheckpointNote("drawn", 1, (0, 3, 1))
    assert CheckpointNote("float", 3, (1, 3)).name == "float-3.safetensors"


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
        b'{"event": {}}',
        b'{"event": "failed", "error": null}',
        b'{"event": "result", "task": "drift.0", "correct": [Infinity]}',
        b'{"event": "checkpoint", "stage": "float", "epoch": Infinity, "reached": [1, 1]}',
        b'{"event": "checkpoint", "stage": "float", "epoch": 1}',
        b'{"event": "checkpoint", "stage": "float", "epoch": 1, "reached": 1}',
        b'{"event": "checkpoint", "stage": "float", "epoch": 1, "reached": [1, -1]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_anything_else_is_no_event(line: bytes) -> None:
    assert read_line(line) is None
