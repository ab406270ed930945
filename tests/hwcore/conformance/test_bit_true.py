"""With widths on the digital side hard network, mapped network and chip agree code by code, whatever the layers."""

import copy
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import torch

from benchmarks.whole_numbers import differing, outputs
from hwcore.crossbar import Chip, Foundry, predicted_class, simulate
from hwcore.layers import HardwareNetwork, bit_true_outputs, map_network
from hwcore.mapping import MappedNetwork
from hwcore.spec import (
    INPUT,
    Activate,
    Add,
    Concat,
    Condition,
    Effect,
    Flatten,
    GlobalPool,
    Graph,
    GraphBuilder,
    Hardware,
    LayerPlan,
    Lstm,
    MapPool,
    Normalize,
    Operations,
    Product,
    Shape,
    Stateless,
    Window,
    dense_plan,
    parse_compile_job,
)
from tests.hwcore.conformance.agreement import LSB, by_arrays
from tests.hwcore.conformance.geometries import Chain
from tests.hwcore.conformance.layer_kinds import CASES, convolutions
from tests.hwcore.conformance.node_cases import CASES as NODES
from tests.hwcore.conformance.node_cases import Case, convolution, network
from tests.hwcore.layers.drawn_networks import described, drawn_codes, drawn_graph, drawn_plan

PLANS = [pytest.param(plan, id=f"{kind}: {name}") for kind, case in CASES.items() for name, plan in case.plans.items()]
CELL, RELU = "exponential, ratio 8, negative at 0.8", "relu of 2 bits"
WIDTHS = {"accumulator_bits": 14, "scale_bits": 7, "offset_bits": 7}
NARROW = {"accumulator_bits": 6, "scale_bits": 3, "offset_bits": 3}
CHIPS: dict[str, dict[str, Any]] = {
    "read exactly": {"digital": WIDTHS},
    "converters": {"digital": WIDTHS, "adc": {"bits": 5}},
    "ties to even": {"digital": {**WIDTHS, "rounding": "half_even"}, "adc": {"bits": 6, "range": {"type": "full"}}},
    "dropped bits": {"digital": {**WIDTHS, "rounding": "down"}, "adc": {"bits": 6, "range": {"type": "full"}}},
    "narrow": {"digital": NARROW, "adc": {"bits": 5, "range": {"type": "full"}}},
    "narrow, wraps around": {"digital": {**NARROW, "saturate": False}, "adc": {"bits": 5, "range": {"type": "full"}}},
    "phases": {"digital": WIDTHS, "adc": {"bits": 5}, "drive": {"signed": "two_phase", "subtract": "digital"}},
    "pairs of lines": {"digital": WIDTHS, "adc": {"bits": 5}, "drive": {"signed": "pair"}},
    "bits of phases": {
        "digital": WIDTHS,
        "adc": {"bits": 5},
        "drive": {"coding": "bit_serial", "signed": "two_phase", "subtract": "digital"},
    },
    "bit-serial": {"digital": WIDTHS, "adc": {"bits": 5}, "input": {"bits": 4, "bit_serial": True}},
}


def hardware(part: dict[str, Any], cell: str = CELL, activation: str = RELU, bias: str = "digital") -> Hardware:
    plain = described(cell, activation, {"bias": bias})
    return Hardware.model_validate({**plain.model_dump(), **part})


def effects(of: Hardware) -> list[Effect]:
    return ["digital"] if of.adc is None else ["digital", "adc"]


def built(mapped: MappedNetwork, of: Hardware, codes: torch.Tensor, *more: Effect) -> Chip:
    foundry = Foundry(mapped, of, seed=5, codes=codes, lsb=LSB, trained_through_wires=False)
    return foundry.chip(0, Condition.of([*effects(of), *more]))


def simulated(mapped: MappedNetwork, chip: Chip, codes: torch.Tensor) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    simulate(mapped, chip, codes.double() * LSB, tell=found.__setitem__)
    return found


def agree(network: HardwareNetwork, of: Hardware, images: int = 60) -> None:
    """Every code of every layer is the same in all three."""
    codes = drawn_codes(images, math.prod(network.graph.input_shape))
    mapped = map_network(network)
    chip = built(mapped, of, codes)
    by_chip = {name: each.numpy() for name, each in simulated(mapped, chip, codes).items()}
    exact = copy.deepcopy(network).double().eval()
    of_network = bit_true_outputs(exact, mapped, chip, codes.double() * LSB)
    by_network = {name: each.numpy() for name, each in of_network.items()}
    assert differing(by_network, by_chip) == 0
    assert differing(dict(outputs(mapped, chip, codes.numpy(), LSB)), by_chip) == 0
    assert list(by_chip) == list(mapped.graph.names)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", [name for name in CHIPS if "drive" not in CHIPS[name]])
def test_every_code_agrees_whatever_the_layers(plan: Chain, name: str) -> None:
    of = hardware(CHIPS[name])
    agree(drawn_graph(of, plan.graph("batch")), of)


@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("activation", ["relu of 2 bits", "sigmoid of 3 bits", "tanh of 2 bits"])
@pytest.mark.parametrize("cell", ["linear, off cells do not conduct", "two measured tables"])
@pytest.mark.parametrize("name", ["read exactly", "converters", "bit-serial"])
def test_every_code_agrees_whatever_the_cells(name: str, cell: str, activation: str, bias: str) -> None:
    of = hardware(CHIPS[name], cell, activation, bias)
    agree(drawn_plan(of, dense_plan((21, 9, 7, 6)), "none"), of)


@pytest.mark.parametrize("name", [name for name in CHIPS if "drive" in CHIPS[name]])
@pytest.mark.parametrize("bias", ["digital", "array_row"])
def test_every_code_agrees_however_signs_are_sent(name: str, bias: str) -> None:
    of = hardware(CHIPS[name], activation="tanh of 2 bits", bias=bias)
    agree(drawn_graph(of, convolutions((3, 2, 1, None), (2, 1, 1, None)).graph()), of)


@pytest.mark.parametrize("plan", PLANS)
def test_wide_registers_compute_what_exact_ones_do(plan: Chain) -> None:
    of = hardware({"digital": {"accumulator_bits": 32, "scale_bits": 24, "offset_bits": 32}})
    codes = drawn_codes(60, math.prod(plan.layers[0].in_shape))
    mapped = map_network(drawn_graph(of, plan.graph("batch")))
    logits = simulate(mapped, built(mapped, of, codes), codes.double() * LSB)
    exact = by_arrays(mapped, codes)
    assert float((predicted_class(logits) == predicted_class(exact)).double().mean()) >= 0.95
    # A sum close to a threshold may fall on its other side: the read-out has 16 bits.
    near = (logits - exact).abs().amax(1) < 1e-3 * exact.abs().amax(1)
    assert float(near.double().mean()) > 0.8


def test_calibration_and_compensation_are_in_the_registers() -> None:
    noise = {
        "programming": {"type": "additive", "sigma_ratio": 0.05},
        "drift": {"type": "power_law", "exponent": 0.1, "t0": 1.0, "compensation": "per_column"},
    }
    wide = {"accumulator_bits": 32, "scale_bits": 24, "offset_bits": 32}
    of = hardware({"noise": noise, "calibration": "per_column", "digital": wide, "adc": {"bits": 8}})
    codes = drawn_codes(60, 21)
    mapped = map_network(drawn_plan(of, dense_plan((21, 9, 7, 6)), "none"))
    foundry = Foundry(mapped, of, seed=5, codes=codes, lsb=LSB, trained_through_wires=False)
    with_registers, without = (
        foundry.chip(0, Condition.of(["programming", "drift", "adc", *more], 3600.0)) for more in (["digital"], [])
    )
    found, exact = (simulate(mapped, chip, codes.double() * LSB) for chip in (with_registers, without))
    near = (found - exact).abs().amax(1) < 1e-5 * exact.abs().amax(1)
    assert float(near.double().mean()) > 0.95


@dataclass(frozen=True)
class _Doubled(Stateless):
    """A kind that does not say what it is of whole numbers."""

    kind: ClassVar[str] = "doubled"
    title: ClassVar[str] = "y = 2 x"

    def shape(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def compute(self, ops: Operations, *x: Any) -> Any:
        return 2 * x[0]


def _of_inputs() -> Graph:
    """Sums and means of the inputs themselves, and an array that sums drive."""
    builder = GraphBuilder((2, 6, 4))
    builder.add("mean", MapPool.touching("average", 2, 2), INPUT)
    builder.add("conv1", convolution("conv1", (2, 3, 2), 2))
    builder.add("sum", Add(), "conv1", "mean")
    builder.add("flat", Flatten())
    builder.add("fc1", Product(LayerPlan("fc1", "dense", 5, Window.of(12))))
    return builder.graph()


def _residual() -> Graph:
    """Sums of two arrays, and of an array and the codes before it; pooled codes, a normalisation behind a sum."""
    shape = (3, 6, 4)
    builder = GraphBuilder((2, 6, 4))
    builder.add("conv1", convolution("conv1", (2, 6, 4), 3), INPUT)
    builder.add("norm1", Normalize())
    builder.add("act1", Activate())
    builder.add("conv2", convolution("conv2", shape, 3))
    builder.add("norm2", Normalize())
    builder.add("add1", Add(), "norm2", "act1")
    builder.add("norm3", Normalize())
    builder.add("act2", Activate())
    builder.add("conv3", convolution("conv3", shape, 3), "act2")
    builder.add("conv4", convolution("conv4", shape, 3), "act1")
    builder.add("add2", Add(), "conv3", "conv4")
    builder.add("both", Concat(), "add2", "conv3")
    builder.add("act3", Activate())
    builder.add("pool", MapPool("max", (2, 2), (2, 1), (1, 0)))
    builder.add("mean", GlobalPool("average"))
    builder.add("fc1", Product(LayerPlan("fc1", "dense", 5, Window.of(6))))
    return builder.graph()


GRAPHS = {
    # Gates of an LSTM are computed exactly; a job with both is refused.
    **{kind: network(case) for kind, case in NODES.items() if kind != Lstm.kind},
    "largest of a map": network(Case(GlobalPool("max"), lambda x: x.amax((2, 3)))),
    "inputs": _of_inputs(),
    "residual blocks": _residual(),
}
"""Every kind of node, and networks with branches."""


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("name", ["read exactly", "dropped bits", "narrow, wraps around"])
def test_every_number_agrees_at_every_node(graph: str, name: str) -> None:
    of = hardware(CHIPS[name])
    agree(drawn_graph(of, GRAPHS[graph]), of)


def test_every_number_agrees_in_resnet_8() -> None:
    of = hardware(CHIPS["converters"], activation="relu of 2 bits")
    model = {"type": "resnet-8", "channels": [2, 3, 4]}
    job = parse_compile_job({"hardware": of.model_dump(mode="json"), "dataset": "cifar10", "model": model})
    agree(drawn_graph(of, job.graph), of, images=4)


@pytest.mark.parametrize("graph", GRAPHS)
def test_wide_registers_give_almost_the_same_outputs(graph: str) -> None:
    of = hardware({"digital": {"accumulator_bits": 32, "scale_bits": 24, "offset_bits": 32}})
    codes = drawn_codes(60, math.prod(GRAPHS[graph].input_shape))
    mapped = map_network(drawn_graph(of, GRAPHS[graph]))
    found, exact = simulate(mapped, built(mapped, of, codes), codes.double() * LSB), by_arrays(mapped, codes)
    near = (found - exact).abs().amax(1) < 1e-3 * exact.abs().amax()
    assert float(near.double().mean()) > 0.8


def test_a_kind_without_a_form_in_whole_numbers_is_refused() -> None:
    of = hardware({"digital": WIDTHS})
    plain = network(Case(_Doubled(), lambda x: 2 * x))
    mapped = map_network(drawn_graph(of, plain))
    with pytest.raises(ValueError, match=r"node: got the kind doubled; allowed: kinds that say their `whole_numbers`"):
        built(mapped, of, drawn_codes(20, math.prod(plain.input_shape)))
