"""A description with every field of it, those that a document leaves out among them.

A resolved document is the same job, and shorter: what says nothing is not in it, so that documents of before keep their
bytes. Both are read as the same job.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from hwcore.spec.derive.effects import present_effects
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.job import CompileJob


def written_out(job: CompileJob) -> dict[str, Any]:
    """The resolved job with every field, JSON-ready; where null means a value, the value.

    What stays null is a thing that is not there (`adc`, a noise, `read_voltage`), `evaluation.target_accuracy`, which
    follows from the trained network, and `evaluation.times` where time changes nothing.
    """
    resolved = job.resolved()
    document: dict[str, Any] = _every_field(resolved)
    document["hardware"] = hardware_written_out(resolved.described_hardware)
    document["export"] = {"netlists": resolved.netlists}
    training, evaluation = document["training"], document["evaluation"]
    training["hardware_learning_rate"] = training["hardware_learning_rate"] or training["learning_rate"]
    training["schedule"]["activation_end"] = resolved.training.schedule.end_of_activations
    if evaluation["effects"] is None:
        evaluation["effects"] = list(present_effects(resolved.described_hardware))
    return document


def hardware_written_out(hardware: Hardware) -> dict[str, Any]:
    """The resolved description with every field, JSON-ready; lines without resistance have 0 ohm."""
    document: dict[str, Any] = _every_field(hardware.resolved())
    array, front = document["array"], document["input"]
    array["wire_resistance"] = array["wire_resistance"] or {"word": 0.0, "bit": 0.0}
    for end in ("driver_resistance", "sense_resistance"):
        array[end] = array[end] or 0.0
    array["pair_layout"] = array["pair_layout"] or "separate"
    front["bit_serial"] = bool(front["bit_serial"])
    return document


def _every_field(value: Any) -> Any:
    """A model as a dump has it, but with the fields that a dump leaves out."""
    match value:
        case BaseModel():
            return {name: _every_field(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {key: _every_field(item) for key, item in value.items()}
        case list() | tuple():
            return [_every_field(item) for item in value]
    return value
