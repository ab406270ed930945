"""The training process: reads one request, runs the pipeline, says how it goes (see `worker.protocol`).

`python -m worker.run_attempt < request.json`. It knows nothing of database and broker; SIGTERM cancels it.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from types import FrameType
from typing import BinaryIO, NoReturn, TextIO

import torch

from hwcore import pipeline
from hwcore.errors import Cancelled, MhoError
from hwcore.progress import Progress, ProgressCallback
from hwcore.spec import parse_job
from worker.contract.failure_reasons import FAILURE_REASONS, INTERNAL, OUT_OF_MEMORY
from worker.protocol import (
    EXIT_CANCELLED,
    EXIT_FAILED,
    EXIT_SUCCEEDED,
    Outcome,
    Request,
    outcome_line,
    progress_line,
)


def main(requests: BinaryIO, events: TextIO) -> int:
    """Run the one request of `requests`, and write the events to `events`.

    Returns:
        The exit status.
    """

    def say(line: str) -> None:
        events.write(line + "\n")
        events.flush()

    def report(progress: Progress) -> None:
        say(progress_line(progress))

    signal.signal(signal.SIGTERM, _cancel)
    try:
        outcome = _run(Request.from_json(requests.read()), report)
    except Cancelled:
        outcome = Outcome("cancelled")
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
    return {"succeeded": EXIT_SUCCEEDED, "cancelled": EXIT_CANCELLED}.get(outcome.event, EXIT_FAILED)


def _run(request: Request, report: ProgressCallback) -> Outcome:
    written = pipeline.run(
        parse_job(request.document),
        request.out,
        device=request.device,
        data_dir=request.data_dir,
        threads=request.threads,
        progress=report,
    )
    return Outcome("succeeded", result={"ladder": written["ladder"]})


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
    # Standard output is for events alone: what any library prints there goes to standard error instead.
    own_output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.exit(main(sys.stdin.buffer, own_output))
