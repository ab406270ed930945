"""A description with every field of it, those that a document leaves out among them.

A resolved document is the same job, and shorter: what says nothing is not in it, so that documents of before keep their
bytes. Both are read as the same job.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from hwcore.spec.hardware.drive import DriveCoding
from hwcore.spec.hardware.hardware import Hardware


def hardware_written_out(hardware: Hardware) -> dict[str, Any]:
    """The resolved description with every field, JSON-ready; lines without resistance have 0 ohm."""
    document: dict[str, Any] = every_field(hardware.resolved())
    array, front = document["array"], document["input"]
    array["wire_resistance"] = array["wire_resistance"] or {"word": 0.0, "bit": 0.0}
    for end in ("driver_resistance", "sense_resistance"):
        array[end] = array[end] or 0.0
    array["pair_layout"] = array["pair_layout"] or "separate"
    array["pack_groups"] = bool(array["pack_groups"])
    drive = hardware.drive or DriveCoding()
    front["bit_serial"] = bool(front["bit_serial"]) or drive.coding == "bit_serial"
    document["drive"] = _drive(drive, first_serial=front["bit_serial"])
    return document


def _drive(drive: DriveCoding, *, first_serial: bool) -> dict[str, Any]:
    """Coding and signs; where the first layer alone is bit-serial no word says the coding of all layers."""
    signed = drive.signed or "sign_magnitude"
    return {
        "coding": drive.coding or (None if first_serial else "amplitude"),
        "signed": signed,
        "subtract": (drive.subtract or "analog") if signed == "two_phase" else None,
    }


def every_field(value: Any) -> Any:
    """A model as a dump has it, but with the fields that a dump leaves out."""
    match value:
        case BaseModel():
            return {name: every_field(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {key: every_field(item) for key, item in value.items()}
        case list() | tuple():
            return [every_field(item) for item in value]
    return value
