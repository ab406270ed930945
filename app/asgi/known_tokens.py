"""Tokens that were good a moment ago, so that a flood of requests with one does not ask the database each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from worker.contract import Caller

KNOWN_SECONDS = 1.0
"""Seconds for which a look-up of a token, found or not, is trusted: a revocation, or the first token of a server, may
count so late."""

MOST_KNOWN = 10_000
"""Tokens that are remembered."""


class KnownTokens:
    """Callers by the digest of their token, as the last look-up found them.

    For one thread: the event loop's. What it holds opens nothing elsewhere: a token cannot be found from its digest.

    Args:
        clock: seconds that never run backwards.
        most: number of tokens that are remembered; the one that was not looked up for longest is forgotten first.

    Attributes:
        seconds: time for which a look-up is trusted, s.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_KNOWN) -> None:
        self.seconds = KNOWN_SECONDS
        self._clock = clock
        self._most = most
        self._found: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def __contains__(self, digest: str) -> bool:
        """Tell whether the last look-up of the token found it good, however long ago."""
        return digest in self._found

    def caller(self, digest: str) -> Caller | None:
        """Return the caller of a token that was found good less than `seconds` ago; None: look it up."""
        caller, found = self._found.get(digest, (None, 0.0))
        return caller if self._clock() - found < self.seconds else None

    def note(self, digest: str, caller: Caller, began: float) -> None:
        """Remember that a look-up that began at `began` found the token good."""
        self._found.pop(digest, None)
        self._found[digest] = (caller, began)
        if len(self._found) > self._most:
            self._found.popitem(last=False)

    def forget(self, digest: str) -> None:
        """Forget a token: a look-up found it not good."""
        self._found.pop(digest, None)

    def now(self) -> float:
        """Return the moment for `note`, taken before the look-up: a revocation may fall between it and its answer."""
        return self._clock()
