"""The stages of an evaluation: a network, an effect or all of them, and the time after the write where it matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALL: Final = "all"
"""Name of the stages that have all effects together."""


@dataclass(frozen=True)
class Stage:
    """A rung of the ladder, or a look next to one for comparison.

    Attributes:
        name: of a network (float, rounded, hardware_aware), of an effect, or `ALL`.
        seconds: since the write, s; None: the stage does not depend on time.
    """

    name: str
    seconds: float | None = None

    @property
    def text(self) -> str:
        """Text in reports and events, e.g. `wires`, `drift@86400`, `all@0.5`: to 12 digits of the seconds."""
        return self.name if self.seconds is None else f"{self.name}@{self.seconds:.12g}"
