"""The one loop in which the client polls a job until it has finished, and waits for a server that is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from app.client.errors import ProblemError, ServerUnreachable, may_come_back
from worker.contract import FINAL

PATIENCE = 15.0
"""s for which a server that does not answer is asked again, unless the caller says otherwise."""


class Patience:
    """Tolerates errors of a server that is away, until it has not answered for a number of seconds.

    Args:
        seconds: counted from the first request that was not answered: a stream may have been silent before.
        clock: seconds that never run backwards.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._away_since: float | None = None

    def answered(self) -> None:
        """Note that the server answered."""
        self._away_since = None

    def bear(self, error: ServerUnreachable | ProblemError) -> None:
        """Return where a retry is worthwhile.

        Raises:
            ServerUnreachable, ProblemError: the error, where it is another one, or the time is over.
        """
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
        if not may_come_back(error) or now - self._away_since >= self._seconds:
            raise error


def polled(fetch: Callable[[], dict[str, Any]], *, interval: float, patience: float) -> Iterator[dict[str, Any] | None]:
    """Yield the job as each request finds it, the last time in its final state; None where the server did not answer.

    Args:
        fetch: gets the job.
        interval: s between two requests.
        patience: s for which a server that does not answer is asked again.

    Raises:
        ServerUnreachable, ProblemError: there is no such job, or the server was away for longer than `patience`.
    """
    bearing = Patience(patience)
    while True:
        try:
            job = fetch()
        except (ServerUnreachable, ProblemError) as error:
            bearing.bear(error)
            yield None
        else:
            bearing.answered()
            yield job
            if job["state"] in FINAL:
                return
        time.sleep(interval)
