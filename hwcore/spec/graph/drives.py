"""Drives of the word lines of every array of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hwcore.spec.derive.drive import Drive, coded_drive, drive_after, input_drive
from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.kinds import STATE, Activate, Lstm, Product
from hwcore.spec.graph.node import INPUT, Node
from hwcore.spec.graph.operation import Moving
from hwcore.spec.graph.value_range import ValueRange
from hwcore.spec.hardware.activation import Activation
from hwcore.spec.hardware.hardware import Hardware


def has_both_signs(operation: Activate, activation: Activation) -> bool:
    """Tell whether the levels of an activation have both signs.

    Args:
        operation: has a function of its own, or none.
        activation: of the hardware.
    """
    function = operation.function_on(activation.function)
    if function == "identity" and operation.signed is not None:
        return operation.signed
    return (activation.function if function == "identity" else function) == "tanh"


def activation_range(operation: Activate, activation: Activation, largest_level: Any | None) -> ValueRange:
    """Range of the outputs of an activation.

    The levels of both signs lie at odd multiples of half a step, so their magnitudes have as many bits as their codes,
    and the last bit of each is set.

    Args:
        operation: has a function of its own, or none.
        activation: of the hardware.
        largest_level: of an activation with levels, a tensor while it is trained; None: it has none or it is not
            known, and a sigmoid and a tanh end at 1.
    """
    function = operation.function_on(activation.function)
    if function == "identity":
        limit, signed = largest_level, has_both_signs(operation, activation) or activation.bits is None
    else:
        natural = drive_after(function, None)
        limit, signed = natural.limit if largest_level is None else largest_level, natural.signed
    return ValueRange(limit, signed, activation.bits)


def state_range(activation: Activation, largest_level: Any | None) -> ValueRange:
    """Range of the states of a recurrent node, which has a limit always: without levels they end at 1.

    Args:
        activation: of the hardware, whose bits the states have.
        largest_level: as for `activation_range`.
    """
    codes = activation_range(STATE, activation, largest_level)
    return codes if codes.limit is not None else ValueRange(1.0, True, codes.bits)


NOT_KNOWN: Mapping[str, float | None] = MappingProxyType({})


def graph_drives(
    graph: Graph, hardware: Hardware, largest_levels: Mapping[str, float | None] = NOT_KNOWN
) -> dict[str, Drive]:
    """Drives of the word lines of every array, by its name.

    An array that reads the inputs, in whatever shape, is behind the DAC; any other has the range of the values that it
    reads. The word lines of a recurrent array carry inputs and states, of both signs and on no common scale of codes.

    Args:
        graph: of the network.
        hardware: the description.
        largest_levels: by name of every activation and every recurrent node; None: one without levels. Of one that is
            not there, as before training, the range of an activation has no limit, and all else is known.
    """
    first = input_drive(hardware, signed=graph.signed_inputs)

    def range_of(node: Node) -> ValueRange:
        if isinstance(node.operation, Lstm):
            return state_range(hardware.activation, largest_levels.get(node.name))
        if not isinstance(node.operation, Activate):
            raise TypeError(f"node: got {node.kind}; allowed: activate")
        return activation_range(node.operation, hardware.activation, largest_levels.get(node.name))

    bits = hardware.input.bits and hardware.input.bits - graph.signed_inputs
    ranges = graph.ranges(ValueRange(first.limit, graph.signed_inputs, bits), range_of)
    found = {}
    for node in graph.of_kind(Product):
        (source,) = node.inputs
        values = ranges[source]
        if isinstance(node.operation, Lstm):
            limit = None if values.limit is None else max(values.limit, ranges[node.name].limit)
            found[node.name] = coded_drive(hardware, limit, signed=True, bits=None, first=False)
            continue
        found[node.name] = (
            first
            if _origin(graph, source) == INPUT
            else coded_drive(hardware, values.limit, signed=values.signed, bits=values.bits, first=False)
        )
    return found


def _origin(graph: Graph, name: str) -> str:
    """Follow values back through operations that only move them."""
    while name != INPUT and isinstance(graph[name].operation, Moving):
        (name,) = graph[name].inputs
    return name
