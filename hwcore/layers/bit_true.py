"""The hard network on the digital side of a chip: its own products, and the registers that the chip has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from hwcore.converters import adc_codes, coded_drives
from hwcore.crossbar import Chip, Converters, whole_walk
from hwcore.layers.cells import CellLayer
from hwcore.layers.line_pairs import by_sign
from hwcore.layers.network import HardwareNetwork
from hwcore.layers.operands import Operands
from hwcore.mapping import MappedLayer, MappedNetwork


@torch.no_grad()
def bit_true_outputs(
    network: HardwareNetwork, mapped: MappedNetwork, chip: Chip, inputs: Float64[Tensor, "batch inputs"]
) -> dict[str, Int64[Tensor, "_batch ..."]]:
    """Outputs of every node of the hard network in whole numbers: sums of arrays, codes of activations.

    The products are those of the network's own layers, row block by row block; ranges of converters and registers are
    those of the chip. A chip without wires, noise and faults gives the same numbers.

    Args:
        network: in double precision, in evaluation mode.
        mapped: says where its arrays are cut, and how drives are coded.
        chip: one whose digital side has widths.
        inputs: DAC codes times LSB, full scale 1; examples flattened row after row.

    Returns:
        By name of the node, in the order of the graph.

    Raises:
        ValueError: a chip without registers or converters, or with several arrays in a layer.
    """
    if chip.nodes is None:
        raise ValueError("chip: got one without registers; allowed: a chip whose digital side has widths")
    cells = {plan.name: each for plan, each in zip(network.plan, network.layers, strict=True)}
    found: dict[str, Tensor] = {}

    def codes(layer: MappedLayer, values: Iterator[Tensor]) -> Iterable[Tensor]:
        (array,) = chip.layers[layer.name].arrays
        if array.converters is None:
            raise ValueError(f"{layer.name}: got no converters; allowed: those that read the codes")
        products = _Products(cells[layer.name], layer, array.converters)
        return map(products.codes, values)

    whole_walk(mapped, chip.registers, chip.nodes, [inputs], codes, found.__setitem__)
    return found


@dataclass(frozen=True, eq=False)
class _Products:
    """Products of one layer of cells, converted.

    Attributes:
        cells: the layer.
        layer: the same as mapped.
        converters: of its array.
    """

    cells: CellLayer
    layer: MappedLayer
    converters: Converters

    def codes(self, x: Float[Tensor, "batch ..."]) -> Int64[Tensor, "terms products cols"]:
        """Codes of every row block, those of all conversions of an input added up."""
        weights, bias_row = self.cells.weights()
        total: Tensor | float = 0.0
        for factor, plane in coded_drives(x.flatten(1), self.layer.drive):
            # The bias is a positive input: it is not there in a phase of the negative ones.
            bias = bias_row if factor > 0 else None
            sent = plane.reshape(len(plane), *self.layer.plan.in_shape)
            lines = sent if self.cells.lines == 1 else by_sign(sent)
            operands = Operands(lines, weights, bias, self.layer.drive.full_scale)
            total = total + factor * self._converted(operands)
        return torch.as_tensor(total).long()

    def _converted(self, operands: Operands) -> Float[Tensor, "terms products cols"]:
        """Codes of one conversion."""
        terms = []
        for rows, full_scale in zip(self.layer.array.grid.row_blocks, self.converters.full_scale, strict=True):
            current = self.cells.exact_sum(operands, rows).movedim(1, -1).flatten(0, -2)
            code, _ = adc_codes(current * self.cells.levels.weights.g_reference, full_scale, self.converters.bits)
            terms.append(code)
        return torch.stack(terms)
