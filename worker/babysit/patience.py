"""Long calls to the artifact store, while the lease of the attempt is kept."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from worker.babysit.lease import Lease
from worker.contract import BlobStoreUnavailable

LOG = logging.getLogger(__name__)

BEAT_SECONDS = 0.1
"""Time between two looks after the lease meanwhile."""

PAUSE_SECONDS = 1.0
"""Pause before a store that did not answer is asked again."""

Answer = TypeVar("Answer")


def patiently(lease: Lease, call: Callable[[], Answer], seconds: float) -> Answer:
    """Make a call that may take long or fail for a while, so that an outage of the store does not cost a training.

    Args:
        lease: of the attempt; it is renewed meanwhile.
        call: is made in a thread of its own, and again where the store did not answer.
        seconds: time after which a store that does not answer is not asked again.

    Returns:
        The answer of the call.

    Raises:
        BlobStoreUnavailable: it did not answer in that time, or the attempt is no longer the job's own.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _beating(lease, call)
        except BlobStoreUnavailable as error:
            if time.monotonic() >= deadline or lease.lost or lease.cancel_requested:
                raise
            LOG.warning("job %s: the artifact store is asked again: %s", lease.job.id, error)
        until = time.monotonic() + PAUSE_SECONDS
        while time.monotonic() < until:
            time.sleep(BEAT_SECONDS)
            lease.beat()


def _beating(lease: Lease, call: Callable[[], Answer]) -> Answer:
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    # A daemon, so that the worker can end while the store hangs.
    thread = threading.Thread(target=run, name="mho-artifacts", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(BEAT_SECONDS)
        lease.beat()
    return answer.result()
