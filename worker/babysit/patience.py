"""Calls to the artifact store that take as long as they take, while the attempt stays alive."""

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
"""How often the lease is looked after meanwhile."""

PAUSE_SECONDS = 1.0
"""How long to wait before a store that did not answer is asked again."""

Answer = TypeVar("Answer")


def patiently(lease: Lease, call: Callable[[], Answer], seconds: float) -> Answer:
    """The answer of a call that may take long, or fail for a while: an outage is no reason to lose a training.

    Args:
        lease: of the attempt, which is renewed meanwhile.
        call: runs in a thread of its own; again, where the store did not answer.
        seconds: how long a store that does not answer is asked again.

    Raises:
        BlobStoreUnavailable: it did not answer all that time, or the attempt is no longer the job's own.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _beating(lease, call)
        except BlobStoreUnavailable as error:
            if time.monotonic() >= deadline or lease.lost or lease.cancel_requested:
                raise
            LOG.warning("job %s: tried again: %s", lease.job.id, error)
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

    # A daemon: a store that hangs does not keep the worker from ending.
    thread = threading.Thread(target=run, name="mho-artifacts", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(BEAT_SECONDS)
        lease.beat()
    return answer.result()
