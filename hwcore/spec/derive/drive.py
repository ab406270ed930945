"""Drives of the word lines of every layer: how large, of which signs, and how both are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcore.spec.hardware.drive import DriveCoding, SignCoding, Subtraction
from hwcore.spec.hardware.hardware import Hardware


@dataclass(frozen=True)
class Drive:
    """Drive of the word lines of one layer.

    Attributes:
        limit: largest |drive|, without unit; None: nothing limits it.
        signed: whether inputs have both signs, or go from 0.
        bits: b of magnitudes that come bit by bit, x = limit m / (2^b - 1) with a whole m, |m| < 2^b; None: all bits
            come at once, as a voltage or as the width of a pulse, which in a linear array are the same.
        signs: what carries the sign, where inputs have one.
        subtract: where two phases are subtracted.
    """

    limit: float | None
    signed: bool = False
    bits: int | None = None
    signs: SignCoding = "sign_magnitude"
    subtract: Subtraction = "analog"

    @property
    def full_scale(self) -> float:
        """Drive of a bias row: the largest drive, or 1 where nothing limits the drives."""
        return 1.0 if self.limit is None else self.limit

    @property
    def phases(self) -> int:
        """Products of the array for one bit of an input, or for all of them: two where the signs come apart."""
        return 2 if self.signed and self.signs == "two_phase" else 1

    @property
    def cycles(self) -> int:
        """Products of the array for one input."""
        return (self.bits or 1) * self.phases

    @property
    def converts_phases(self) -> bool:
        """True where each phase is converted: then a conversion meets drives of one sign alone."""
        return self.phases == 2 and self.subtract == "digital"

    @property
    def converts_both_signs(self) -> bool:
        """True where one conversion meets what positive and what negative inputs give on the same word lines."""
        return self.signed and not self.converts_phases and self.signs != "pair"

    @property
    def conversions(self) -> int:
        """Conversions of every column for one input."""
        return (self.bits or 1) * (2 if self.converts_phases else 1)

    @property
    def lines(self) -> int:
        """Word lines of one input."""
        return 2 if self.signed and self.signs == "pair" else 1


def coded_drive(hardware: Hardware, limit: float | None, *, signed: bool, bits: int | None, first: bool) -> Drive:
    """Drives as the description codes them.

    Args:
        hardware: gives the coding of size and sign.
        limit: largest |drive|, without unit; None: nothing limits it.
        signed: whether inputs have both signs.
        bits: of the magnitude of their codes; None: they are no codes, and come at once.
        first: whether they come from the DAC in front of the network.
    """
    coding = hardware.drive or DriveCoding()
    serial = coding.coding == "bit_serial" or (first and bool(hardware.input.bit_serial))
    signs, subtract = coding.signed or "sign_magnitude", coding.subtract or "analog"
    return Drive(limit, signed, bits if serial else None, signs, subtract)


def input_drive(hardware: Hardware, *, signed: bool = False) -> Drive:
    """Drive of a layer behind the first DAC: codes up to the full scale 1, from 0 or from -1.

    Args:
        hardware: the description.
        signed: whether inputs have both signs: then one of the bits is the sign.
    """
    bits = hardware.input.bits
    return coded_drive(hardware, 1.0, signed=signed, bits=bits and bits - signed, first=True)


def drive_after(function: str, largest_level: float | None) -> Drive:
    """Drive of a layer behind an activation, all bits at once.

    Args:
        function: relu, sigmoid or tanh.
        largest_level: of an activation with levels; None: it has none, and a sigmoid and a tanh end at 1.
    """
    natural = None if function == "relu" else 1.0
    return Drive(natural if largest_level is None else largest_level, signed=function == "tanh")


def chain_drives(hardware: Hardware, largest_levels: Sequence[float | None]) -> tuple[Drive, ...]:
    """Drives of layers one behind another: the first behind the DAC, each further one behind an activation.

    The levels of tanh lie at odd multiples of half a step, so their magnitudes have as many bits as their codes, and
    the last bit of each is set.

    Args:
        hardware: the description.
        largest_levels: of the activation behind every layer but the last; None: an activation without levels.

    Returns:
        One for every layer, so one more than activations.
    """
    function, bits = hardware.activation.function, hardware.activation.bits
    plain = [drive_after(function, largest) for largest in largest_levels]
    coded = (coded_drive(hardware, each.limit, signed=each.signed, bits=bits, first=False) for each in plain)
    return (input_drive(hardware), *coded)
