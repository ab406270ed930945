"""Digital nodes of a network in whole numbers: formats on its edges, registers of its nodes, and their outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.digital.accumulator import held
from hwcore.digital.code_registers import CodeRegisters
from hwcore.digital.integer_operations import IntegerOperations
from hwcore.digital.number_format import NumberFormat
from hwcore.digital.operations import OPERATIONS
from hwcore.digital.sum_registers import MARGIN, SumRegisters, lsb_exponent
from hwcore.digital.table_registers import TableRegisters
from hwcore.mapping import MappedActivation, MappedNetwork, MappedNormalization
from hwcore.spec import INPUT, Digital, Node, Product, Stateless

NodeRegisters = SumRegisters | CodeRegisters | TableRegisters


@dataclass(frozen=True, eq=False)
class DigitalNodes:
    """The digital side of a network apart from the registers behind its arrays: the same on all chips.

    Attributes:
        formats: of the numbers that every node gives, by its name, and of the inputs.
        registers: of the nodes that have some: activations, normalisations, and whatever brings numbers of several
            formats to one.
        widths: of the digital side.
    """

    formats: Mapping[str, NumberFormat]
    registers: Mapping[str, NodeRegisters]
    widths: Digital

    @staticmethod
    def of(
        network: MappedNetwork,
        exponents: Mapping[str, int],
        largest: Mapping[str, float],
        lsb: float,
        widths: Digital,
    ) -> DigitalNodes:
        """The registers of all digital nodes.

        Args:
            network: graph and numbers.
            exponents: by name of the layer, of the LSB of its sums.
            largest: by name of a digital node, of what it reads and gives for the calibration images.
            lsb: input of code 1.
            widths: of the digital side.

        Raises:
            ValueError: a kind of node that has no form in whole numbers.
        """
        formats, registers = {INPUT: NumberFormat(lsb)}, dict[str, NodeRegisters]()
        for node in network.graph.nodes:
            if isinstance(node.operation, Product):
                formats[node.name] = NumberFormat.of_sums(exponents[node.name])
                continue
            read = [formats[name] for name in node.inputs]
            made = _registers(network, node, read, largest[node.name], widths)
            match made:
                case None:
                    formats[node.name] = read[0]
                    continue
                case SumRegisters() | TableRegisters():
                    formats[node.name] = NumberFormat.of_sums(made.exponent)
                case CodeRegisters():
                    formats[node.name] = made.format
            registers[node.name] = made
        return DigitalNodes(formats, registers, widths)

    def output(self, node: Node, *numbers: Int64[Tensor, "batch ..."]) -> Int64[Tensor, "batch ..."]:
        """Output of a digital node.

        Args:
            node: of the graph, no array.
            numbers: of the nodes that it reads.
        """
        registers, operation = self.registers.get(node.name), node.operation
        if isinstance(registers, TableRegisters) and isinstance(operation, Stateless):
            read = zip(node.inputs, numbers, strict=True)
            return registers.entries(operation.compute(OPERATIONS, *(self.formats[name].value(n) for name, n in read)))
        if registers is not None:
            numbers = tuple(self.formats[name].multiples(each) for name, each in zip(node.inputs, numbers, strict=True))
        if isinstance(registers, CodeRegisters):
            return registers.codes(numbers[0])
        if not isinstance(operation, Stateless):
            if not isinstance(registers, SumRegisters):
                raise ValueError(f"{node.name}: got no registers; allowed: those of every normalisation")
            return registers.of_channels(numbers[0])
        if isinstance(registers, SumRegisters):
            numbers = tuple(registers.term(place, each) for place, each in enumerate(numbers))
        result: Tensor = operation.compute(IntegerOperations(self.widths.rounding), *numbers)
        if operation.whole_numbers == "codes":
            return result
        return held(result, self.widths)


def _registers(
    network: MappedNetwork, node: Node, read: list[NumberFormat], largest: float, widths: Digital
) -> NodeRegisters | None:
    """Registers of a digital node; None: it needs none, and gives numbers of the format that it reads."""
    numbers, operation = network.nodes.get(node.name), node.operation
    if isinstance(numbers, MappedActivation):
        return CodeRegisters.of(numbers, read[0], widths.accumulator_bits)
    if isinstance(numbers, MappedNormalization):
        return SumRegisters.of((numbers.scale * read[0].unit)[None], numbers.offset, largest, widths)
    whole = operation.whole_numbers if isinstance(operation, Stateless) else None
    if whole is None:
        raise ValueError(f"{node.name}: got the kind {node.kind}; allowed: kinds that say their `whole_numbers`")
    if whole == "table":
        return TableRegisters(lsb_exponent(MARGIN * largest, widths.accumulator_bits), widths)
    alike = all(each.same(read[0]) for each in read)
    if (whole == "codes" and alike) or (len(read) == 1 and read[0].exponent is not None):
        return None
    units = torch.tensor([[each.unit] for each in read], dtype=torch.float64)
    return SumRegisters.of(units, torch.zeros(1, dtype=torch.float64), largest, widths)
