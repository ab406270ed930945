"""The helping process: does tasks of another worker's training, and says what it finds (see `worker.babysit.protocol`).

`python -m worker.run.run_share < request.json`. It knows nothing of database and broker; whoever wants no more of it
kills it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO, TextIO

from hwcore import pipeline
from hwcore.errors import MhoError
from worker.babysit.blob_file import intact_blob_file
from worker.babysit.dataset_file import dataset_file
from worker.babysit.protocol import (
    EXIT_FAILED,
    EXIT_SUCCEEDED,
    Outcome,
    ResultNote,
    ShareRequest,
    outcome_line,
    result_line,
)
from worker.contract import BlobLost, BlobStore, BlobStoreUnavailable
from worker.contract.jobs.failure_reasons import INTERNAL
from worker.run.own_process import event_output, limit_memory


def main(requests: BinaryIO, events: TextIO) -> int:
    """Do the tasks of the one request of `requests`, and write the events to `events`.

    Returns:
        The exit status.
    """

    def say(line: str) -> None:
        events.write(line + "\n")
        events.flush()

    def came(task: str, correct: list[int]) -> None:
        say(result_line(ResultNote(task, tuple(correct))))

    try:
        request = ShareRequest.from_json(requests.read())
        limit_memory(request.memory_bytes)
        blobs = BlobStore(request.blobs_url)
        bundle = pipeline.Bundle.read(intact_blob_file(blobs, request.bundle, request.cache_dir / "bundles"))
        pipeline.chips_of_bundle(
            bundle,
            request.tasks,
            came,
            data_dir=request.data_dir,
            dataset_file=dataset_file(bundle.job, request.blobs_url, request.cache_dir / "datasets"),
            threads=request.threads,
        )
    except (MhoError, BlobLost, BlobStoreUnavailable, ValueError, OSError) as error:
        return _failed(say, str(error))
    except Exception as error:
        traceback.print_exc()
        return _failed(say, f"{type(error).__name__}: {error}")
    say(outcome_line(Outcome("succeeded", result={})))
    return EXIT_SUCCEEDED


def _failed(say: Callable[[str], None], detail: str) -> int:
    say(outcome_line(Outcome("failed", error={"reason": INTERNAL, "detail": detail})))
    return EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, event_output()))
