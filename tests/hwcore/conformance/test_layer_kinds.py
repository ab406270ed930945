"""Every kind of layer keeps one contract: in floating point, on cells, mapped, simulated, and on the way back."""

import math
from typing import get_args

import pytest
import torch
from torch import Tensor

from hwcore.crossbar import Chip, ChipArray, ChipLayer, array_logits
from hwcore.errors import InvalidInput
from hwcore.layers import CellLayer, HardwareNetwork, converted_currents, map_network, noisy_weights, wired_weights
from hwcore.layers.kinds import KINDS, float_layer
from hwcore.layers.operands import Operands
from hwcore.spec import LayerKind, LayerPlan, parse_job
from hwcore.streams import stream
from hwcore.wires import Wires, layer_transfer
from tests.hwcore.conformance.agreement import LSB, agree, by_arrays, largest_difference
from tests.hwcore.conformance.geometries import Chain
from tests.hwcore.conformance.layer_kinds import CASES
from tests.hwcore.layers.drawn_networks import ACTIVATIONS, CELLS, described, drawn_codes, drawn_graph, drawn_plan
from tests.hwcore.spec.chips import chip

PLANS = [pytest.param(plan, id=f"{kind}: {name}") for kind, case in CASES.items() for name, plan in case.plans.items()]
LAYERS = [
    pytest.param(layer, id=f"{name}: {layer.name}")
    for kind, case in CASES.items()
    for name, plan in case.plans.items()
    for layer in plan.layers
    if layer.kind == kind
]
BIASES = ["digital", "array_row"]
CELL = "exponential, ratio 8, negative at 0.8"


def drawn_inputs(layer: LayerPlan, count: int = 5) -> Tensor:
    return torch.rand(count, *layer.in_shape, generator=stream(0), dtype=torch.float64)


def alone(layer: LayerPlan, bias: str, scale: str = "per_column") -> tuple[CellLayer, HardwareNetwork]:
    """The only layer of a network of float64 in training mode; arrays of 8 rows and 5 columns."""
    network = drawn_plan(described(CELL, "relu", {"bias": bias, "scale": scale}), (layer,), "none").double().train()
    return network.layers[0], network


def test_every_kind_of_a_plan_has_its_forms_and_is_held_to_the_contract() -> None:
    # Recurrent layers are held to the suite of nodes: their outputs are states, and no products.
    assert set(get_args(LayerKind)) - {"lstm"} == set(KINDS) == set(CASES)
    for kind, case in CASES.items():
        assert all(any(layer.kind == kind for layer in plan.layers) for plan in case.plans.values())


@pytest.mark.parametrize("layer", LAYERS)
def test_the_floating_point_form_is_torch_s_own(layer: LayerPlan) -> None:
    before = torch.get_rng_state()
    made = float_layer(layer, stream(1))
    assert torch.equal(torch.get_rng_state(), before)
    weights, bias = made.affine()
    assert weights.shape == (layer.outputs, *layer.window.kernel_shape)
    # Uniform within 1/sqrt(inputs), as torch draws them.
    assert 0 < float(weights.detach().abs().max()) <= layer.inputs**-0.5
    x = drawn_inputs(layer)
    expected = CASES[layer.kind].by_torch(x, weights.double(), bias.double(), layer.window)
    assert expected.shape[1:] == (layer.outputs, *layer.window.map)
    torch.testing.assert_close(made.double()(x), expected, rtol=1e-12, atol=0)


@pytest.mark.usefixtures("without_checks_of_types")
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("plan", PLANS)
def test_hard_network_mapped_matrices_and_arrays_agree(plan: Chain, activation: str, cell: str) -> None:
    agree(drawn_graph(described(cell, activation, {"scale": "per_layer", "bias": "array_row"}), plan.graph()))
    agree(drawn_graph(described(cell, activation, {"encoding": "full_pair"}), plan.graph("batch")))


@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("scale", ["per_layer", "per_column"])
@pytest.mark.parametrize("encoding", ["sign_select", "full_pair"])
@pytest.mark.parametrize("plan", PLANS)
def test_they_agree_in_every_encoding_scale_and_bias(plan: Chain, encoding: str, scale: str, bias: str) -> None:
    hardware = described(CELL, "relu of 2 bits", {"encoding": encoding, "scale": scale, "bias": bias})
    agree(drawn_graph(hardware, plan.graph()))


@pytest.mark.parametrize("scale", ["per_layer", "per_column"])
@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("layer", LAYERS)
def test_the_gradient_is_that_of_torch_s_own_function(layer: LayerPlan, bias: str, scale: str) -> None:
    cells, _ = alone(layer, bias, scale)
    x, drive = drawn_inputs(layer).requires_grad_(), torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    leaves = (x, cells.theta, cells.log_scale, cells.bias, *([drive] if bias == "array_row" else []))
    weights, s = cells.staircase(cells.theta), cells.log_scale.exp().expand(layer.outputs)
    columns = (-1, *(1 for _ in layer.window.map))
    added = cells.staircase(cells.bias) * drive * s if bias == "array_row" else cells.bias
    current = CASES[layer.kind].by_torch(x, weights, None, layer.window)
    expected = current * s.view(columns) + added.view(columns)
    found = cells(x, drive)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    toward = torch.randn(found.shape, generator=stream(2), dtype=torch.float64)
    for ours, theirs in zip(
        torch.autograd.grad(found, leaves, toward), torch.autograd.grad(expected, leaves, toward), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("layer", LAYERS)
def test_products_of_row_blocks_add_up_and_have_a_gradient(layer: LayerPlan) -> None:
    cells, _ = alone(layer, "array_row")
    operands = Operands(drawn_inputs(layer, 2), *(each.detach() for each in cells.weights()), 0.7)  # type: ignore[union-attr]
    rows = layer.inputs + 1
    whole = cells.exact_sum(operands, (0, rows))
    # Cut anywhere: between channels, within a kernel, before the bias row.
    for size in {1, 2, 5, rows - 1, rows}:
        blocks = [(start, min(start + size, rows)) for start in range(0, rows, max(size, 1))]
        torch.testing.assert_close(sum(cells.exact_sum(operands, block) for block in blocks), whole, rtol=0, atol=1e-12)
    x, weights = operands.x.clone().requires_grad_(), operands.weights.clone().requires_grad_()
    for block in ((0, layer.inputs), (layer.inputs // 3, max(layer.inputs // 3 + 1, layer.inputs // 2))):
        assert torch.autograd.gradcheck(
            lambda x, w, block=block: cells.product(x, w, None, block), (x, weights), fast_mode=True
        )


@pytest.mark.parametrize("layer", LAYERS)
def test_the_effects_of_a_chip_reach_every_output(layer: LayerPlan) -> None:
    parts = {
        "adc": {"bits": 16, "range": {"type": "full"}},
        "noise": {"read": {"type": "additive", "sigma_ratio": 1e-3}},
    }
    hardware = described(CELL, "relu", {"bias": "array_row"}, **parts)
    network = drawn_plan(hardware, (layer,), "none").double()
    x, cells = drawn_inputs(layer), network.layers[0]
    with torch.no_grad():
        hard = cells(x)
        # A full range is that of the hard weights.
        with converted_currents(network, hardware):
            converted = cells(x)
        smooth = cells.train()(x)
        with noisy_weights(network, hardware, stream(3), effects=("read",)):
            read, again = cells(x), cells(x)
    assert converted.shape == hard.shape
    assert bool((converted != hard).any())
    torch.testing.assert_close(converted, hard, rtol=0, atol=1e-3 * float(hard.abs().max()))
    assert bool(((read != smooth) & (read != again)).all())
    torch.testing.assert_close(read, smooth, rtol=0, atol=0.2 * float(smooth.abs().max()))


@pytest.mark.parametrize("plan", PLANS)
def test_wires_in_training_are_those_of_the_arrays(plan: Chain) -> None:
    hardware = chip(
        CELLS[CELL],
        activation=ACTIVATIONS["relu of 2 bits"],
        weights={"bias": "array_row"},
        array={"rows": 8, "cols": 5, "wire_resistance": {"word": 20.0, "bit": 20.0}},
        input={"bits": 4},
    )
    network, wires = drawn_graph(hardware, plan.graph()).double(), Wires.described(hardware.array)
    codes = drawn_codes(20, math.prod(plan.layers[0].in_shape))
    with torch.no_grad(), wired_weights(network, hardware):
        expected = network(codes.double() * LSB)
    mapped = map_network(network)
    layers = {}
    for layer in mapped.layers:
        transfer = layer_transfer(layer.array.pairs.g, layer.array.grid, wires)
        layers[layer.name] = ChipLayer((ChipArray(transfer.difference),))
    found = array_logits(mapped, Chip(layers), codes, LSB)
    assert largest_difference(found, expected) <= 1e-9
    # A single cell sees little of its wires.
    assert largest_difference(by_arrays(mapped, codes), expected) > 1e-6


@pytest.mark.parametrize(
    ("model", "message"), [refusal for case in CASES.values() for refusal in case.refused], ids=str
)
def test_what_does_not_fit_is_refused_with_the_field_and_the_reason(model: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_job({"hardware": "ideal", "dataset": "digits", "model": model})
    assert message in str(refused.value)


@pytest.mark.parametrize("layer", LAYERS)
def test_inputs_of_another_width_are_refused(layer: LayerPlan) -> None:
    cells, _ = alone(layer, "digital")
    x = drawn_inputs(layer)
    with pytest.raises((RuntimeError, TypeError)):
        cells(torch.cat([x, x], dim=1))
