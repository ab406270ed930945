"""The training process: reads one request, runs the pipeline, says how it goes (see `worker.babysit.protocol`).

`python -m worker.run.run_attempt < request.json`. It knows nothing of database and broker; SIGTERM cancels it, SIGINT
has it end after its epoch.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from typing import BinaryIO, NoReturn, TextIO

import torch

from hwcore import pipeline
from hwcore.errors import Cancelled, MhoError
from hwcore.pipeline import Checkpoints, Offer
from hwcore.progress import Progress, ProgressCallback
from hwcore.spec import parse_job
from worker.babysit.dataset_file import dataset_file
from worker.babysit.protocol import (
    BUNDLE_NAME,
    EXIT_CANCELLED,
    EXIT_FAILED,
    EXIT_HANDED_OVER,
    EXIT_SUCCEEDED,
    CheckpointNote,
    JudgedNote,
    OfferNote,
    Outcome,
    Request,
    checkpoint_line,
    judged_line,
    offer_line,
    outcome_line,
    progress_line,
    result_name,
    result_of,
)
from worker.contract.jobs.failure_reasons import FAILURE_REASONS, INTERNAL, OUT_OF_MEMORY
from worker.run.own_process import event_output, limit_memory

EXITS = {"succeeded": EXIT_SUCCEEDED, "cancelled": EXIT_CANCELLED, "handed_over": EXIT_HANDED_OVER}
"""Exit status after each outcome; any other is `EXIT_FAILED`."""


TRAINED = ("float", "hardware_aware")
"""The stages that have checkpoints."""


class HandedOver(Exception):
    """The process was asked to stop, and what it has done is in a checkpoint."""


class Handover:
    """Whether the process was asked to end where another one can go on, and whether it can now."""

    def __init__(self) -> None:
        self.asked = False
        self.tried = False
        """A checkpoint was taken, or could not be, since it was asked."""

    def ask(self, number: int, frame: FrameType | None) -> None:
        """As a signal's handler: the training ends with a checkpoint, anything else with its next step."""
        self.asked = True

    def is_due(self, stage: str) -> bool:
        """Whether to end now, after a step of this stage."""
        return self.asked and (self.tried or stage not in TRAINED)


def main(requests: BinaryIO, events: TextIO) -> int:
    """Run the one request of `requests`, and write the events to `events`.

    Returns:
        The exit status.
    """

    def say(line: str) -> None:
        events.write(line + "\n")
        events.flush()

    handover = Handover()

    def report(progress: Progress) -> None:
        say(progress_line(progress))
        if handover.is_due(progress.stage):
            raise HandedOver

    signal.signal(signal.SIGTERM, _cancel)
    signal.signal(signal.SIGINT, handover.ask)
    try:
        outcome = _run(Request.from_json(requests.read()), report, say, handover)
    except Cancelled:
        outcome = Outcome("cancelled")
    except HandedOver:
        outcome = Outcome("handed_over")
    except MemoryError:
        traceback.print_exc()
        outcome = _out_of_memory()
    except MhoError as error:
        reason = error.reason if error.reason in FAILURE_REASONS else INTERNAL
        outcome = Outcome("failed", error={"reason": reason, "detail": str(error)})
    except Exception as error:
        # Whatever it is, the row should say it; the traceback goes to the worker's log.
        traceback.print_exc()
        if _is_out_of_memory(error):
            outcome = _out_of_memory()
        else:
            detail = f"{type(error).__name__}: {error}"
            outcome = Outcome("failed", error={"reason": INTERNAL, "detail": detail})
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say(outcome_line(outcome))
    return EXITS.get(outcome.event, EXIT_FAILED)


def _run(request: Request, report: ProgressCallback, say: Callable[[str], None], handover: Handover) -> Outcome:
    limit_memory(request.memory_bytes)
    job = parse_job(request.document)
    written = pipeline.run(
        job,
        request.out,
        device=request.device,
        data_dir=request.data_dir,
        dataset_file=dataset_file(job, request.blobs_url, request.cache_dir),
        threads=request.threads,
        progress=report,
        checkpoints=_checkpoints(request, say, handover),
        offer=_offer(request, say),
    )
    return Outcome("succeeded", result=result_of(written))


def _checkpoints(request: Request, say: Callable[[str], None], handover: Handover) -> Checkpoints | None:
    """Checkpoints into the folder of the request, each told of once it is there under a name of its own; chips too."""
    folder = request.checkpoints
    if folder is None:
        handover.tried = True
        return None
    newest = folder / "newest"
    before = time.monotonic()

    def due() -> bool:
        return handover.asked or time.monotonic() - before >= request.checkpoint_seconds

    def written(stage: str, epoch: int) -> None:
        nonlocal before
        before = time.monotonic()
        handover.tried = handover.asked
        note = CheckpointNote(stage, epoch)
        newest.rename(folder / note.name)
        say(checkpoint_line(note))

    def failed(error: OSError) -> None:
        handover.tried = handover.asked
        sys.stderr.write(f"no checkpoint: {error}\n")

    def chip(bundle: str, task: str, correct: Sequence[int]) -> None:
        say(judged_line(JudgedNote(bundle, task, tuple(correct))))

    judged = {} if request.judged is None else json.loads(request.judged.read_bytes())
    return Checkpoints(newest, request.resume_from, due, written, failed, judged, chip)


def _offer(request: Request, say: Callable[[str], None]) -> Offer | None:
    """Chips are offered in the folder of the request, and what others find is looked for there."""
    folder = request.offers
    if folder is None or request.share_chips == 0:
        return None

    def made(names: list[str]) -> None:
        say(offer_line(OfferNote(tuple(names))))

    def result(name: str) -> list[int] | None:
        try:
            found: list[int] = json.loads((folder / result_name(name)).read_bytes())
        except (OSError, ValueError):
            # Mostly it is not there. Whatever else it is, the chip is computed here.
            return None
        return found

    def failed(error: OSError) -> None:
        sys.stderr.write(f"no chips are offered: {error}\n")

    # One share alone would be the last chips of this process: it is sooner done with them than a helper has begun.
    return Offer(folder / BUNDLE_NAME, request.share_chips + 1, made, result, failed)


def _cancel(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Cancelled("the job was cancelled")


def _is_out_of_memory(error: Exception) -> bool:
    # torch has a type of its own for CUDA only; on the CPU it raises a RuntimeError with this text.
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _out_of_memory() -> Outcome:
    detail = "the training asked for more memory than there is; use a smaller batch, network or MHO_CONCURRENCY"
    return Outcome("failed", error={"reason": OUT_OF_MEMORY, "detail": detail})


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, event_output()))
