"""The conditions under which a chip is looked at: its effects, and the time since it was written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwcore.spec.derive.effects import EFFECTS, Effect
from hwcore.spec.hardware.compensation import Compensation
from hwcore.spec.hardware.drift import Drift
from hwcore.spec.hardware.hardware import Hardware


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

    def drift(self, hardware: Hardware) -> Drift | None:
        """Model of the drift of the cells; None: they do not drift under this condition."""
        return hardware.noise.drift if "drift" in self.effects else None

    def compensation(self, hardware: Hardware) -> Compensation:
        """Factor on the outputs that makes up for the drift of the cells under this condition."""
        drift = self.drift(hardware)
        return drift.compensation if drift is not None and self.compensated else "none"

    @property
    def drawn(self) -> bool:
        """True where one chip differs from another."""
        return any(EFFECTS[effect].drawn for effect in self.effects)

    @property
    def cells_drawn(self) -> bool:
        """True where the cells of one chip hold other conductances than those of another."""
        return any(EFFECTS[effect].drawn and EFFECTS[effect].acts_on == "cells" for effect in self.effects)

    @property
    def alike(self) -> frozenset[Effect]:
        """Effects that are the same on all chips, at every product."""
        return frozenset(effect for effect in self.effects if not EFFECTS[effect].drawn)
