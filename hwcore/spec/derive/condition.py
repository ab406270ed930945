"""Under which conditions a chip is looked at: which effects it has, and how long ago it was written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwcore.spec.derive.effects import Effect

DRAWN: frozenset[Effect] = frozenset({"programming", "stuck_at", "read", "drift"})
"""Effects that differ from chip to chip, or from product to product. Wires and converters are the same on all."""


@dataclass(frozen=True)
class Condition:
    """Some of the effects of a description, at one time.

    Attributes:
        effects: those that happen; the others do not.
        seconds: time since the write, s; it matters to drift, and to read noise that grows.
        compensated: whether the outputs are scaled against drift, where the description says how.
    """

    effects: frozenset[Effect]
    seconds: float = 0.0
    compensated: bool = True

    @staticmethod
    def of(effects: Iterable[Effect], seconds: float = 0.0, *, compensated: bool = True) -> Condition:
        """The same from any collection of effects."""
        return Condition(frozenset(effects), seconds, compensated)

    @property
    def drawn(self) -> bool:
        """Whether one chip differs from another."""
        return bool(self.effects & DRAWN)
