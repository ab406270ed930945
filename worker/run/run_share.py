"""The helping process: does tasks of another worker's training, and reports results (see `worker.babysit.protocol`).

`python -m worker.run.run_share < request.json`. It knows nothing of database and broker; it is killed when its help is
no longer wanted.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO, TextIO

from hwcore import pipeline
from hwcore.errors import MhoError
from worker.babysit.events import FailedNote, Outcome, ResultNote, SucceededNote
from worker.babysit.protocol import ShareRequest
from worker.contract import BlobLost, BlobStore, BlobStoreUnavailable
from worker.contract.jobs.failure_reasons import INTERNAL
from worker.run.blob_files import dataset_file, intact_blob_file
from worker.run.own_process import event_output, in_words, limit_memory, written_to


def main(requests: BinaryIO, events: TextIO, open_blobs: Callable[[str], BlobStore] = BlobStore) -> int:
    """Do the tasks of the one request of `requests`, and write the events to `events`.

    Args:
        requests: the request, to its end.
        events: one line for each.
        open_blobs: opens the store of an address.

    Returns:
        The exit status.
    """

    say = written_to(events)

    def report(task: str, correct: list[int]) -> None:
        say(ResultNote(task, tuple(correct)))

    outcome = _outcome(lambda: _run(ShareRequest.from_json(requests.read()), open_blobs, report))
    say(outcome)
    return outcome.exit_status


def _outcome(run: Callable[[], None]) -> Outcome:
    try:
        run()
    except (MhoError, BlobLost, BlobStoreUnavailable, ValueError, OSError) as error:
        return FailedNote.of(INTERNAL, str(error))
    except Exception as error:
        traceback.print_exc()
        return FailedNote.of(INTERNAL, in_words(error))
    return SucceededNote({})


def _run(
    request: ShareRequest, open_blobs: Callable[[str], BlobStore], report: Callable[[str, list[int]], None]
) -> None:
    limit_memory(request.memory_bytes)
    blobs = open_blobs(request.blobs_url)
    bundle = pipeline.Bundle.read(intact_blob_file(blobs, request.bundle, request.cache_dir / "bundles"))
    pipeline.chips_of_bundle(
        bundle,
        request.tasks,
        report,
        data_dir=request.data_dir,
        dataset_file=dataset_file(
            bundle.examination.dataset, request.blobs_url, request.cache_dir / "datasets", open_blobs
        ),
        threads=request.threads,
    )


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, event_output()))
