"""Places for work under way: a number in all, and a number for one caller."""

from __future__ import annotations

from collections import Counter


class Places:
    """Counts who has a place, in the memory of this process; between look and take nothing else can run.

    For one thread: the event loop's.

    Args:
        most: places in all.
        most_each: of them, one caller's; everybody together, where the service has no tokens, may have all.
    """

    def __init__(self, most: int, most_each: int) -> None:
        self.most = most
        self.most_each = most_each
        self._taken: Counter[str] = Counter()

    def take(self, owner: str) -> str | None:
        """Take a place; it is given back by `free`.

        Args:
            owner: `Caller.owner`; empty where the service has no tokens.

        Returns:
            None where there was one, else what is exhausted.
        """
        if owner and self._taken[owner] >= self.most_each:
            return f"{self.most_each} of this token"
        if self._taken.total() >= self.most:
            return f"{self.most} of all callers"
        self._taken[owner] += 1
        return None

    def free(self, owner: str) -> None:
        """Give a place back."""
        self._taken[owner] -= 1
        if not self._taken[owner]:
            del self._taken[owner]
