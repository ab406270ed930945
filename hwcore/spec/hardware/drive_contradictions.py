"""Contradictions between the coding of the drives and the numbers that it codes."""

from hwcore.spec.hardware.activation import Activation
from hwcore.spec.hardware.array import Array, Input
from hwcore.spec.hardware.drive import Coding, DriveCoding
from hwcore.spec.reading.base import Contradiction

_BITS = "a whole number from 1 to 8, or another drive.coding"


def drive_contradictions(
    drive: DriveCoding | None, front: Input, activation: Activation, array: Array
) -> list[Contradiction]:
    """Find what keeps inputs from being sent as they are said to be.

    Args:
        drive: the coding of all layers; None: nothing contradicts it.
        front: the DAC, whose bit_serial is a short form for the first layer.
        activation: gives the codes of all further layers.
        array: whose tiles may be shared by groups.
    """
    if drive is None:
        return []
    found = []
    if drive.signed == "pair" and array.pack_groups:
        reason = "with drive.signed pair the components beside the diagonal of a shared tile are not modelled"
        found.append(Contradiction(("array", "pack_groups"), True, reason, "false, or another drive.signed"))
    return [*found, *_coding_contradictions(drive.coding, front, activation)]


def _coding_contradictions(coding: Coding | None, front: Input, activation: Activation) -> list[Contradiction]:
    if coding is None:
        return []
    if coding != "bit_serial":
        if not front.bit_serial:
            return []
        reason = f"drive.coding is {coding}, so all bits come at once"
        return [Contradiction(("input", "bit_serial"), True, reason, "false, or leave it out, or no drive.coding")]
    found = []
    if front.bit_serial is False:
        reason = "drive.coding is bit_serial for all layers"
        found.append(Contradiction(("input", "bit_serial"), False, reason, "true, or leave it out"))
    for part, bits in (("input", front.bits), ("activation", activation.bits)):
        if bits is None:
            reason = "drive.coding is bit_serial, and without bits there is nothing to send one by one"
            found.append(Contradiction((part, "bits"), None, reason, _BITS))
    return found
