"""Rate of requests of one token, or of one address: a bucket of permits for each, in the memory of this process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_BUCKETS = 10_000
"""Senders whose buckets are kept; the one that was silent longest is forgotten first."""


class RateLimit:
    """A bucket for each sender: it holds `burst` permits at first, gains `per_second`, and each request takes one.

    For one thread: the event loop's.

    Args:
        per_second: permits gained in a second.
        burst: the most that a bucket holds, at least 1.
        clock: seconds that never run backwards.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        self.burst = burst
        self._clock = clock
        # Permits, and when they were counted; the one used last is at the end.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, sender: str) -> float:
        """Take a permit.

        Returns:
            0 where there was one, else the seconds until there is one.
        """
        moment = self._clock()
        permits, counted = self._buckets.pop(sender, (float(self.burst), moment))
        permits = min(float(self.burst), permits + (moment - counted) * self.per_second)
        granted = permits >= 1.0
        self._buckets[sender] = (permits - 1.0 if granted else permits, moment)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1.0 - permits) / self.per_second

    def give_back(self, sender: str) -> None:
        """Return a permit that was not needed after all."""
        if sender in self._buckets:
            permits, counted = self._buckets[sender]
            self._buckets[sender] = (min(float(self.burst), permits + 1.0), counted)
