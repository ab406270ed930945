"""Models whose effect depends on the time since the write."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Ageing(Protocol):
    """A model that knows when it begins to hold."""

    @property
    def begins(self) -> float | None:
        """Earliest time after the write at which the model holds, s; None: time changes nothing."""
