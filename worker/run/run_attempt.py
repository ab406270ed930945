"""The training process: reads one request, runs the pipeline, reports its events (see `worker.babysit.protocol`).

`python -m worker.run.run_attempt < request.json`. It knows nothing of database and broker. SIGTERM cancels it; SIGINT
lets it end after its epoch.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, BinaryIO, NoReturn, TextIO

import torch

from hwcore import pipeline
from hwcore.errors import Cancelled, MhoError
from hwcore.pipeline import Checkpoints, Environment, Offer
from hwcore.progress import Progress
from hwcore.spec import own_dataset, parse_job
from worker.babysit.events import (
    CancelledNote,
    CheckpointNote,
    Event,
    FailedNote,
    HandedOverNote,
    JudgedNote,
    OfferNote,
    Outcome,
    SucceededNote,
    result_of,
)
from worker.babysit.protocol import BUNDLE_NAME, Request, result_name
from worker.contract.jobs.failure_reasons import FAILURE_REASONS, INTERNAL, OUT_OF_MEMORY
from worker.run.blob_files import dataset_file
from worker.run.own_process import event_output, in_words, limit_memory, written_to

Say = Callable[[Event], None]


class Stopped(Exception):
    """The process was asked to stop, and another attempt can go on from what it has left."""


class Handover:
    """A request to end where another attempt can go on."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal that asks."""
        self.asked = True

    def end_if_asked(self) -> None:
        """End here, where another attempt can go on.

        Raises:
            Stopped: it was asked to.
        """
        if self.asked:
            raise Stopped


def main(requests: BinaryIO, events: TextIO, compute: Callable[..., dict[str, Any]] = pipeline.run_in) -> int:
    """Run the one request of `requests`, and write the events to `events`.

    Args:
        requests: the request, to its end.
        events: one line for each.
        compute: runs a job, as `hwcore.pipeline.run_in`.

    Returns:
        The exit status.
    """
    say, handover = written_to(events), Handover()
    signal.signal(signal.SIGTERM, _cancel)
    signal.signal(signal.SIGINT, handover.ask)
    outcome = _outcome(lambda: _run(Request.from_json(requests.read()), compute, say, handover))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say(outcome)
    return outcome.exit_status


def _outcome(run: Callable[[], SucceededNote]) -> Outcome:
    """Run it; whatever ends it is an outcome."""
    try:
        return run()
    except Cancelled:
        return CancelledNote()
    except Stopped:
        return HandedOverNote()
    except MemoryError:
        traceback.print_exc()
        return _out_of_memory()
    except MhoError as error:
        reason = error.reason if error.reason in FAILURE_REASONS else INTERNAL
        return FailedNote.of(reason, str(error))
    except Exception as error:
        # Whatever it is, the row should say it; the traceback goes to the worker's log.
        traceback.print_exc()
        return _out_of_memory() if _is_out_of_memory(error) else FailedNote.of(INTERNAL, in_words(error))


def _run(request: Request, compute: Callable[..., dict[str, Any]], say: Say, handover: Handover) -> SucceededNote:
    limit_memory(request.memory_bytes)
    job = parse_job(request.document)
    ends_with_checkpoint = () if request.checkpoints is None else job.stages

    def tell(progress: Progress) -> None:
        say(progress)
        if progress.stage not in ends_with_checkpoint:
            handover.end_if_asked()

    file = dataset_file(own_dataset(job), request.blobs_url, request.cache_dir)
    report = compute(
        Environment(request.device, request.data_dir, file, request.threads),
        job,
        request.out,
        progress=tell,
        checkpoints=_checkpoints(request, job.stages, say, handover),
        offer=_offer(request, say),
    )
    return SucceededNote(result_of(report))


def _checkpoints(request: Request, stages: Sequence[str], say: Say, handover: Handover) -> Checkpoints | None:
    """Write checkpoints into the folder of the request, each under its own name, and report them; judged chips too.

    Where the process was asked to end, the next checkpoint is due at once, and it ends there, written or not.
    """
    folder = request.checkpoints
    if folder is None:
        return None
    newest = folder / "newest"
    before = time.monotonic()

    def due() -> bool:
        return handover.asked or time.monotonic() - before >= request.checkpoint_seconds

    def written(stage: str, epoch: int) -> None:
        nonlocal before
        before = time.monotonic()
        note = CheckpointNote(stage, epoch, (1 + stages.index(stage), epoch))
        newest.rename(folder / note.name)
        say(note)
        handover.end_if_asked()

    def failed(error: OSError) -> None:
        sys.stderr.write(f"no checkpoint: {error}\n")
        handover.end_if_asked()

    def chip(bundle: str, task: str, correct: Sequence[int]) -> None:
        say(JudgedNote(bundle, task, tuple(correct)))

    judged = {} if request.judged is None else json.loads(request.judged.read_bytes())
    return Checkpoints(newest, request.resume_from, due, written, failed, judged, chip)


def _offer(request: Request, say: Say) -> Offer | None:
    """Offer chips in the folder of the request, and look there for results of helpers."""
    folder = request.offers
    if folder is None or request.share_chips == 0:
        return None

    def made(names: list[str]) -> None:
        say(OfferNote(tuple(names)))

    def result(name: str) -> list[int] | None:
        try:
            answer: list[int] = json.loads((folder / result_name(name)).read_bytes())
        except (OSError, ValueError):
            # Mostly it is not there yet. In any other case the chip is computed here as well.
            return None
        return answer

    def failed(error: OSError) -> None:
        sys.stderr.write(f"no chips are offered: {error}\n")

    # A single share would be the last chips of this process, which is done with them before a helper has started.
    return Offer(folder / BUNDLE_NAME, request.share_chips + 1, made, result, failed)


def _cancel(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Cancelled("the job was cancelled")


def _is_out_of_memory(error: Exception) -> bool:
    # torch has a type of its own for CUDA only; on the CPU it raises a RuntimeError with this text.
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _out_of_memory() -> FailedNote:
    detail = "the training asked for more memory than there is; use a smaller batch, network or MHO_CONCURRENCY"
    return FailedNote.of(OUT_OF_MEMORY, detail)


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, event_output()))
