"""Networks of each kind on chips with some effects, small enough for a test to draw many of them."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

import torch

from hwcore.crossbar import Foundry
from hwcore.layers import HardwareNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.spec import (
    Cnn,
    Convolution,
    Graph,
    Hardware,
    LayerPlan,
    Window,
    chain_graph,
    dense_graph,
    dense_plan,
    network_graph,
    parse_hardware,
)
from tests.hwcore.conformance.effect_cases import CELL, Part
from tests.hwcore.layers.drawn_networks import drawn_codes, drawn_graph

Encoding = Literal["sign_select", "full_pair"]
Kind = Literal["dense", "conv", "depthwise"]

IMAGES, LSB = 40, 1 / 15
_POOLED = {"channels": 3, "kernel": 3, "stride": 2, "pool": {"type": "max", "size": 2}}
_GROUPED = Window.of(4, (4, 4), kernel=4, padding=[(1, 2), (0, 1)], groups=4)
GRAPHS: Mapping[Kind, Graph] = {
    "dense": dense_graph((64, 7, 10)),
    "conv": network_graph(Cnn(convolutions=(Convolution.model_validate(_POOLED),), hidden=()), "digits"),
    # The word lines of a group and its bias row are one more than an array has.
    "depthwise": chain_graph(
        (
            LayerPlan("conv1", "conv", 4, Window.of(1, (8, 8), kernel=2, stride=2)),
            LayerPlan("conv2", "conv", 8, _GROUPED),
            *dense_plan((8 * 4 * 2, 10)),
        )
    ),
}


def hardware(encoding: Encoding, part: Part) -> Hardware:
    """A chip of 16 x 6 arrays with some effects."""
    array = {"rows": 16, "cols": 6, **part.get("array", {})}
    periphery = {"activation": {"function": "relu", "bits": 3}, "input": {"bits": 4}}
    weights = {"encoding": encoding, "bias": "array_row"}
    return parse_hardware({"cell": CELL, "weights": weights, **periphery, **part, "array": array}).resolved()


def network(kind: Kind, of: Hardware) -> HardwareNetwork:
    """A network of this kind with everything drawn at random, in double precision, in evaluation mode."""
    return drawn_graph(of, GRAPHS[kind]).double().eval()


@cache
def mapped(kind: Kind, encoding: Encoding) -> MappedNetwork:
    """That network on the cells: the same whatever effects the chip has."""
    return map_network(network(kind, hardware(encoding, {})))


@cache
def codes() -> torch.Tensor:
    """DAC codes of some images of 8 x 8 pixels."""
    return drawn_codes(IMAGES, 64, seed=1)


def foundry(kind: Kind, encoding: Encoding, part: Part) -> Foundry:
    """Chips of that network with some effects."""
    return Foundry(
        mapped(kind, encoding),
        hardware(encoding, part),
        seed=5,
        codes=codes(),
        lsb=LSB,
        trained_through_wires=False,
    )
