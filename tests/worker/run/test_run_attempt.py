from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore import pipeline
from hwcore.pipeline import Environment
from hwcore.spec import parse_job
from tests.hwcore.pipeline.small_jobs import HARDWARE, digests
from tests.worker.signalled import signalled
from worker.babysit.events import FailedNote, read_line
from worker.babysit.protocol import Request, checkpoint_name
from worker.babysit.sitters.babysitter import ATTEMPT_COMMAND
from worker.run.run_attempt import main


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def request(document: dict[str, Any], out: Path) -> Request:
    return Request(document, out, "cpu", None, 1)


def failure_of(document: dict[str, Any], out: Path, **options: Any) -> FailedNote:
    """Run a job that fails."""
    events = io.StringIO()
    assert main(io.BytesIO(request(document, out).to_json()), events, **options) == 1
    last = read_line(events.getvalue().splitlines()[-1].encode())
    assert isinstance(last, FailedNote)
    return last


def test_every_fault_of_a_document_is_in_the_error(tmp_path: Path) -> None:
    error = failure_of({"kind": "compile", "dataset": "nothing", "hardware": "no-chip"}, tmp_path / "out").error
    assert error.reason == "INVALID_INPUT"
    assert "dataset:" in error.detail
    assert "hardware:" in error.detail
    assert not (tmp_path / "out").exists()


def test_an_output_that_exists_is_a_fault_of_mho(document: dict[str, Any], tmp_path: Path) -> None:
    assert failure_of(document, tmp_path).error.reason == "INTERNAL"


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
    capsys: pytest.CaptureFixture[str],
    cause: Callable[[], Any],
    reason: str,
    words: str,
) -> None:
    error = failure_of(document, tmp_path / "out", compute=lambda *_, **__: cause()).error
    assert error.reason == reason
    assert words in error.detail
    assert "Traceback" in capsys.readouterr().err


def compute_in_little_memory(environment: Environment, *arguments: Any, **options: Any) -> dict[str, Any]:
    return pipeline.run_in(replace(environment, memory=1000), *arguments, **options)


def test_arrays_that_do_not_fit_are_out_of_memory_with_the_figure(document: dict[str, Any], tmp_path: Path) -> None:
    hardware = {"cell": {"levels": 4, "g_max": 1e-5}, "array": {"wire_resistance": {"word": 1.0, "bit": 1.0}}}
    chosen = {**document, "hardware": hardware}
    error = failure_of(chosen, tmp_path / "out", compute=compute_in_little_memory).error
    assert error.reason == "OUT_OF_MEMORY"
    assert "2 arrays of 64 x 8 cells takes 0.0 GB of memory; allowed here: 0.0 GB; use" in error.detail
    assert not (tmp_path / "out").exists()


def test_a_real_training_is_cancelled_by_sigterm(document: dict[str, Any], tmp_path: Path) -> None:
    endless = {**document, "training": {"epochs": 1000}}
    process = subprocess.Popen(
        [sys.executable, "-m", "worker.run.run_attempt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
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


class Attempt:
    """A training process of its own."""

    def __init__(self, sent: Request, command: tuple[str, ...] = ATTEMPT_COMMAND) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin is not None
        self.process.stdin.write(sent.to_json())
        self.process.stdin.close()

    def event(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        event: dict[str, Any] = json.loads(self.process.stdout.readline())
        return event

    def rest(self) -> list[dict[str, Any]]:
        """Read its events until it has ended."""
        assert self.process.stdout is not None
        events = [json.loads(line) for line in self.process.stdout.read().splitlines()]
        self.process.stdout.close()
        self.process.wait(60)
        return events


def test_a_training_that_hands_over_goes_on_with_the_same_bytes(document: dict[str, Any], tmp_path: Path) -> None:
    # Long enough to be caught in the middle of it, whatever the machine does meanwhile.
    longer = {**document, "training": {"epochs": 6, "batch": 32}}
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    first = Attempt(replace(request(longer, tmp_path / "out"), checkpoints=folder, checkpoint_seconds=1e6))
    while first.event().get("epoch") is None:
        pass
    first.process.send_signal(signal.SIGINT)
    *_, note, last = first.rest()
    assert first.process.returncode == 75
    assert last == {"event": "handed_over"}
    reached = [{"float": 1, "hardware_aware": 2}[note["stage"]], note["epoch"]]
    assert (note["event"], note["reached"]) == ("checkpoint", reached)
    kept = folder / checkpoint_name(note["stage"], note["epoch"])
    assert [path.name for path in folder.iterdir()] == [kept.name]
    assert not (tmp_path / "out").exists()

    second = Attempt(replace(request(longer, tmp_path / "out"), checkpoints=folder, resume_from=kept))
    events = second.rest()
    assert events[-1]["event"] == "succeeded"
    assert f"goes on after epoch {note['epoch']}" in [event.get("message") for event in events]
    whole = Attempt(request(longer, tmp_path / "whole"))
    whole.rest()
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")


def test_an_evaluation_that_hands_over_goes_on_with_the_chips_that_are_missing(
    document: dict[str, Any], tmp_path: Path
) -> None:
    chosen = {**document, "hardware": HARDWARE, "evaluation": {"chips": 12}}
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    first = Attempt(
        replace(request(chosen, tmp_path / "out"), checkpoints=folder, checkpoint_seconds=1e6),
        signalled("run_attempt", "judged", 4, signal.SIGINT),
    )
    *events, last = first.rest()
    assert (first.process.returncode, last) == (75, {"event": "handed_over"})
    judged = [event for event in events if event["event"] == "judged"]
    assert len(judged) == 4
    note = next(event for event in events if event["event"] == "checkpoint")
    assert (note["stage"], note["epoch"]) == ("hardware_aware", 1)

    (found,) = {event["bundle"] for event in judged}
    (folder / "judged.json").write_text(json.dumps({found: {event["task"]: event["correct"] for event in judged}}))
    kept = folder / checkpoint_name("hardware_aware", 1)
    second = Attempt(
        replace(request(chosen, tmp_path / "out"), checkpoints=folder, resume_from=kept, judged=folder / "judged.json")
    )
    events = second.rest()
    assert events[-1]["event"] == "succeeded"
    again = {event["task"] for event in events if event["event"] == "judged"}
    assert not again & {event["task"] for event in judged}
    assert any(str(event.get("message")).startswith("goes on after 4 of ") for event in events)
    pipeline.run(parse_job(chosen), tmp_path / "whole", device="cpu", threads=1)
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")
    ran = json.loads((tmp_path / "out" / "manifest.json").read_text())["run"]
    assert (ran["tasks_done_before"], ran["resumed_after"]) == (4, {"stage": "hardware_aware", "epoch": 1})


def test_checkpoints_keep_their_distance(document: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    # The end of the training is always kept.
    for seconds, taken in ((0.0, 2), (1e6, 1)):
        attempt = Attempt(
            replace(request(document, tmp_path / f"out{seconds:g}"), checkpoints=folder, checkpoint_seconds=seconds)
        )
        assert sum(event["event"] == "checkpoint" for event in attempt.rest()) == taken


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_training(
    document: dict[str, Any], tmp_path: Path
) -> None:
    attempt = Attempt(replace(request(document, tmp_path / "out"), checkpoints=tmp_path / "nowhere"))
    events = [event["event"] for event in attempt.rest()]
    assert "checkpoint" not in events
    assert events[-1] == "succeeded"


def test_a_training_that_asks_for_more_memory_than_it_may_fails_with_that_reason(
    document: dict[str, Any], tmp_path: Path
) -> None:
    wide = {**document, "model": {"hidden": [6_000, 6_000]}}
    attempt = Attempt(replace(request(wide, tmp_path / "out"), memory_bytes=1 << 28))
    last = attempt.rest()[-1]
    assert attempt.process.returncode == 1
    assert last["event"] == "failed"
    assert last["error"]["reason"] == "OUT_OF_MEMORY"
    assert not (tmp_path / "out").exists()


def test_a_training_without_checkpoints_hands_over_with_its_next_step(document: dict[str, Any], tmp_path: Path) -> None:
    endless = {**document, "training": {"epochs": 1000}}
    attempt = Attempt(request(endless, tmp_path / "out"), signalled("run_attempt", "progress", 3, signal.SIGINT))
    events = attempt.rest()
    assert attempt.process.returncode == 75
    assert [event["event"] for event in events][-1] == "handed_over"
    assert len(events) <= 5


def test_a_checkpoint_that_cannot_be_written_does_not_keep_the_training_from_handing_over(
    document: dict[str, Any], tmp_path: Path
) -> None:
    endless = {**document, "training": {"epochs": 1000}}
    attempt = Attempt(
        replace(request(endless, tmp_path / "out"), checkpoints=tmp_path / "nowhere", checkpoint_seconds=1e6),
        signalled("run_attempt", "progress", 3, signal.SIGINT),
    )
    events = attempt.rest()
    assert attempt.process.returncode == 75
    assert [event["event"] for event in events][-1] == "handed_over"
    assert "checkpoint" not in {event["event"] for event in events}


def test_a_training_process_warns_of_nothing(document: dict[str, Any], tmp_path: Path) -> None:
    # A process of its own: most of torch's warnings come once a process, and here this is the first training.
    document |= {
        "hardware": {
            "cell": {"levels": 4, "g_max": 1e-5},
            "activation": {"bits": 2},
            "adc": {"bits": 5, "range": {"type": "calibrated"}},
        },
        "model": {"hidden": [8], "normalization": "none"},
        "training": {"epochs": 1, "float_epochs": 1, "method": "straight_through"},
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-m", "worker.run.run_attempt"],
        input=request(document, tmp_path / "out").to_json(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
