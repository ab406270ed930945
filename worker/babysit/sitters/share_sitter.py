"""The sitter of a share of another worker's attempt: helps as long as it is of use and no job waits."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from worker.babysit.events import FailedNote, ResultNote
from worker.babysit.process.attempt_process import AttemptProcess, ending_in_words, share_of_threads
from worker.babysit.protocol import ShareRequest
from worker.babysit.share import Share
from worker.contract import JobStore, Settings, StoreUnavailable
from worker.contract.jobs.job_size import parse_queues

LOG = logging.getLogger(__name__)

SHARE_COMMAND = (sys.executable, "-m", "worker.run.run_share")
"""The helping process: a program that speaks `worker.babysit.protocol`."""

LISTEN_SECONDS = 0.1
"""Longest wait for the process before everything else is looked after again."""

LOOK_SECONDS = 1.0
"""Time between two questions to the database whether the help is still wanted."""

LAST_LINES = 8
"""Last lines of a failed share that the log quotes."""


class ShareSitter:
    """Does shares, one at a time. A share that fails does no harm to its job.

    Args:
        store: the jobs.
        settings: folders, limits and threads, as for a training; and the queues, whose jobs take precedence.
        shutting_down: says whether the worker was asked to stop.
        orphaned: says whether the worker's main process is gone: then this one ends as well.
        share_command: the helping process, a program that speaks `worker.babysit.protocol`.
    """

    def __init__(
        self,
        store: JobStore,
        settings: Settings,
        *,
        shutting_down: Callable[[], bool] = lambda: False,
        orphaned: Callable[[], bool] = lambda: False,
        share_command: tuple[str, ...] = SHARE_COMMAND,
    ) -> None:
        self._store = store
        self._settings = settings
        self._sizes = parse_queues(settings.queues)
        self._shutting_down = shutting_down
        self._orphaned = orphaned
        self._command = share_command

    def run(self, share: Share) -> int:
        """Do the tasks of a share while they are needed.

        Returns:
            Number of results that were handed in.
        """
        try:
            if self._shutting_down() or not self._wanted(share):
                LOG.info("job %s: a share of attempt %d is dropped", share.job_id, share.attempt)
                return 0
            process = self._started(share)
        except (StoreUnavailable, OSError) as error:
            LOG.warning("job %s: a share of attempt %d is dropped: %s", share.job_id, share.attempt, error)
            return 0
        try:
            handed_in = self._look_after(process, share)
        finally:
            process.close()
        done, of = f"{handed_in} of {len(share.tasks)}", f"attempt {share.attempt}"
        LOG.info("job %s: %s chips of a share of %s done", share.job_id, done, of)
        return handed_in

    def _wanted(self, share: Share) -> bool:
        return self._store.help_wanted(share.job_id, share.attempt, share.bundle, before=self._sizes)

    def _keep(self, share: Share, results: Mapping[str, Sequence[int]]) -> bool:
        return self._store.keep_chip_results(share.job_id, share.attempt, share.bundle, results)

    def _started(self, share: Share) -> AttemptProcess:
        settings = self._settings
        request = ShareRequest(
            bundle=share.bundle,
            tasks=share.tasks,
            data_dir=settings.data_dir,
            threads=share_of_threads(settings),
            memory_bytes=settings.job_memory_bytes,
            blobs_url=settings.artifacts_url,
            cache_dir=settings.home / "cache",
        )
        return AttemptProcess(self._command, request)

    def _look_after(self, process: AttemptProcess, share: Share) -> int:
        """Hand results in as they come, until the process has ended or is not wanted; count them."""
        handed_in = 0
        next_look = time.monotonic() + LOOK_SECONDS
        try:
            while True:
                status = process.poll()
                notes = [event for event in process.events() if isinstance(event, ResultNote)]
                results = {note.task: note.correct for note in notes if note.task in share.tasks}
                if results and not self._keep(share, results):
                    return handed_in
                handed_in += len(results)
                if status is not None:
                    _log_failure(process, share, status)
                    return handed_in
                if self._orphaned():
                    process.close()
                    os._exit(1)
                if self._shutting_down():
                    return handed_in
                if time.monotonic() >= next_look:
                    if not self._wanted(share):
                        return handed_in
                    next_look = time.monotonic() + LOOK_SECONDS
                process.listen(LISTEN_SECONDS)
        except StoreUnavailable as error:
            LOG.warning("job %s: a share of attempt %d is given up: %s", share.job_id, share.attempt, error)
            return handed_in


def _log_failure(process: AttemptProcess, share: Share, status: int) -> None:
    if status == 0:
        return
    outcome = process.outcome
    detail = outcome.error.detail if isinstance(outcome, FailedNote) else ""
    words = detail or "\n".join(process.tail.last(LAST_LINES)) or "it left no message"
    LOG.warning("job %s: the process of a share %s: %s", share.job_id, ending_in_words(status), words)
