"""Resistances of the lines of an array."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from hwcore.spec import Array
from hwcore.spec.hardware.array import LARGEST_RESISTANCE


@dataclass(frozen=True)
class Wires:
    """Resistances of one array, ohm, each from 0 to 1e6; 0: there is none.

    Attributes:
        r_word: one segment of a word line: from the driver to the first cell, and from cell to cell.
        r_bit: one segment of a bit line: from cell to cell, and from the last cell to the sense amplifier.
        r_driver: between the ideal voltage source of a word line and its first segment.
        r_sense: between the last segment of a bit line and the virtual ground.

    Raises:
        ValueError: a resistance that is negative, above 1e6 ohm, infinite or no number.
    """

    r_word: float = 0.0
    r_bit: float = 0.0
    r_driver: float = 0.0
    r_sense: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and 0 <= value <= LARGEST_RESISTANCE):
                raise ValueError(
                    f"{field.name}: got {value}; allowed: a resistance from 0 to {LARGEST_RESISTANCE:g} ohm"
                )

    @classmethod
    def described(cls, array: Array) -> Wires:
        """The wires of a hardware description; what it leaves out has no resistance."""
        segment = array.wire_resistance
        return cls(
            r_word=0.0 if segment is None else segment.word,
            r_bit=0.0 if segment is None else segment.bit,
            r_driver=array.driver_resistance or 0.0,
            r_sense=array.sense_resistance or 0.0,
        )

    @property
    def first_word(self) -> float:
        """Resistance between the source of a word line and its first cell, ohm."""
        return self.r_driver + self.r_word

    @property
    def last_bit(self) -> float:
        """Resistance between the last cell of a bit line and ground, ohm."""
        return self.r_bit + self.r_sense

    @property
    def ideal(self) -> bool:
        """True where there is no resistance at all."""
        return self == Wires()

    @property
    def turned(self) -> Wires:
        """The wires of the same array seen from its outputs: word lines as bit lines and drivers as amplifiers."""
        return Wires(r_word=self.r_bit, r_bit=self.r_word, r_driver=self.r_sense, r_sense=self.r_driver)
