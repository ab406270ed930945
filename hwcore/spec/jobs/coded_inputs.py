"""Codings of drives beside the network that is driven: what it cannot take, and what it does not need."""

from __future__ import annotations

from collections.abc import Iterator

from hwcore.spec.derive.network import network_graph
from hwcore.spec.graph.drives import graph_drives
from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.kinds import Lstm
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.job_warnings import JobWarning
from hwcore.spec.jobs.model import Model
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.reading.base import Contradiction

_NAMED = 10
"""Arrays that are named where more are meant."""


def coding_contradictions(hardware: Hardware, model: Model, dataset: AnyDataset) -> list[Contradiction]:
    """Arrays that read values which are no codes, where every layer sends the bits of its codes.

    Args:
        hardware: with the coding of the drives.
        model: a network that fits on the data.
        dataset: a user's that nobody has looked into yet contradicts nothing.
    """
    if hardware.drive is None or hardware.drive.coding != "bit_serial" or dataset_facts(dataset) is None:
        return []
    graph = network_graph(model, dataset)
    # Recurrent ones have a reason of their own.
    uncoded = [name for name in uncoded_arrays(hardware, graph) if not isinstance(graph[name].operation, Lstm)]
    if not uncoded:
        return []
    reason = f"{_listed(uncoded)} would read sums or means, which have no bits to send one by one"
    allowed = '"amplitude" or "pulse_width", or a network with an activation in front of every array'
    # pydantic's own path: it names the alternative of the union.
    return [Contradiction(("hardware", "description", "drive", "coding"), "bit_serial", reason, allowed)]


def uncoded_arrays(hardware: Hardware, graph: Graph) -> list[str]:
    """Names of the arrays whose inputs do not come bit by bit.

    Args:
        hardware: with the coding of the drives.
        graph: of the network.
    """
    return [name for name, drive in graph_drives(graph, hardware).items() if drive.bits is None]


def coding_warnings(hardware: Hardware, graph: Graph) -> Iterator[JobWarning]:
    """Find a way to send signs where no inputs have them.

    Args:
        hardware: with the coding of the drives.
        graph: of the network.
    """
    signed = None if hardware.drive is None else hardware.drive.signed
    if signed is not None and not any(drive.signed for drive in graph_drives(graph, hardware).values()):
        message = f"no array of the network has inputs of both signs: {signed} changes nothing."
        yield JobWarning("/hardware/drive/signed", message)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
