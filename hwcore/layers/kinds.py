"""Kinds of layers: one line for each, from the word in a plan to the forms of the layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Unpack

import torch

from hwcore.layers.cells import CellLayer, CellOptions
from hwcore.layers.convolution import FloatConvolution, HardwareConvolution
from hwcore.layers.float_layer import FloatLayer
from hwcore.layers.linear import FloatLinear, HardwareLinear
from hwcore.spec import Hardware, LayerKind, LayerPlan


@dataclass(frozen=True)
class LayerForms:
    """Forms of one kind of layer; on the arrays it is what its `Window` says (`hwcore.digital`).

    Attributes:
        floating: as floating point has it.
        cells: as the chip has it, for training and judging.
    """

    floating: type[FloatLayer]
    cells: type[CellLayer]


KINDS: Mapping[LayerKind, LayerForms] = MappingProxyType(
    {
        "dense": LayerForms(FloatLinear, HardwareLinear),
        "conv": LayerForms(FloatConvolution, HardwareConvolution),
    }
)
"""Forms by `LayerPlan.kind`. A new kind is a file with both, a line here and an entry in tests/hwcore/conformance."""


def float_layer(layer: LayerPlan, generator: torch.Generator | None) -> FloatLayer:
    """The layer in floating point, with torch's usual initial weights.

    Args:
        layer: of the plan.
        generator: source of the weights; None: torch's default one.
    """
    made = KINDS[layer.kind].floating.planned(layer)
    made.draw(generator)
    return made


def cell_layer(layer: LayerPlan, hardware: Hardware, **options: Unpack[CellOptions]) -> CellLayer:
    """The layer on cells.

    Args:
        layer: of the plan.
        hardware: the description.
        options: as for `CellLayer`.
    """
    return KINDS[layer.kind].cells.planned(layer, hardware, **options)
