"""Drives of the word lines of every layer: how large, of which signs, and whether bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcore.spec.hardware.hardware import Hardware


@dataclass(frozen=True)
class Drive:
    """Drive of the word lines of one layer.

    Attributes:
        limit: largest |drive|, without unit; None: nothing limits it.
        signed: whether drives have both signs, or go from 0.
        bits: of codes that come bit by bit, one cycle each; None: all bits come at once.
    """

    limit: float | None
    signed: bool = False
    bits: int | None = None

    @property
    def full_scale(self) -> float:
        """Drive of a bias row: the largest drive, or 1 where nothing limits the drives."""
        return 1.0 if self.limit is None else self.limit

    @property
    def cycles(self) -> int:
        """Products of the array for one input."""
        return self.bits or 1


def input_drive(hardware: Hardware) -> Drive:
    """Drive of a layer behind the first DAC: codes from 0 to the full scale 1."""
    return Drive(1.0, bits=hardware.input.bits if hardware.input.bit_serial else None)


def drive_after(function: str, largest_level: float | None) -> Drive:
    """Drive of a layer behind an activation.

    Args:
        function: relu, sigmoid or tanh.
        largest_level: of an activation with levels; None: it has none, and a sigmoid and a tanh end at 1.
    """
    natural = None if function == "relu" else 1.0
    return Drive(natural if largest_level is None else largest_level, signed=function == "tanh")


def chain_drives(hardware: Hardware, largest_levels: Sequence[float | None]) -> tuple[Drive, ...]:
    """Drives of layers one behind another: the first behind the DAC, each further one behind an activation.

    Args:
        hardware: the description.
        largest_levels: of the activation behind every layer but the last; None: an activation without levels.

    Returns:
        One for every layer, so one more than activations.
    """
    function = hardware.activation.function
    return (input_drive(hardware), *(drive_after(function, largest) for largest in largest_levels))
