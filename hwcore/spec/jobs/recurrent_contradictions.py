"""Hardware beside a recurrent network: what its arrays cannot be driven with or followed by."""

from __future__ import annotations

from typing import Any

from hwcore.spec.derive.network import network_graph
from hwcore.spec.graph.kinds import Lstm
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.model import Model
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.reading.base import Contradiction

_AT = ("hardware", "description")
"""pydantic's own path: it names the alternative of the union."""


def recurrent_contradictions(hardware: Hardware, model: Model, dataset: AnyDataset) -> list[Contradiction]:
    """Bits one by one in front of a recurrent array, and a digital side of whole numbers behind it.

    Its word lines carry inputs and states beside each other, whose codes have no common scale. Gates are computed
    exactly; whole numbers are not modelled for them.

    Args:
        hardware: with codings and digital side.
        model: a network that fits on the data.
        dataset: a user's that nobody has looked into yet contradicts nothing.
    """
    if dataset_facts(dataset) is None:
        return []
    nodes = [node.name for node in network_graph(model, dataset).of_kind(Lstm)]
    if not nodes:
        return []
    found = []
    serial = f"{nodes[0]} reads inputs and states beside each other, whose bits have no common scale"
    if hardware.drive is not None and hardware.drive.coding == "bit_serial":
        allowed = '"amplitude" or "pulse_width"'
        found.append(Contradiction((*_AT, "drive", "coding"), "bit_serial", serial, allowed))
    if hardware.input.bit_serial:
        found.append(Contradiction((*_AT, "input", "bit_serial"), True, serial, "false, or leave it out"))
    if hardware.digital is not None:
        got: Any = hardware.digital.model_dump(mode="json")
        reason = f"the gates of {nodes[0]} are computed exactly"
        found.append(Contradiction((*_AT, "digital"), got, reason, "null, or leave it out, with this network"))
    return found
