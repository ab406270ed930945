"""A whole network on its arrays: worked by hand, and in bounded batches."""

import math

import pytest
import torch

from hwcore.crossbar import NUMBERS, array_logits, as_designed, classify, simulate
from hwcore.crossbar.network import BATCH, simulated_at_once
from hwcore.layers import map_network
from hwcore.mapping import MappedActivation, MappedNetwork
from hwcore.spec import described_model, network_graph
from tests.hwcore.crossbar.small_networks import layer, network
from tests.hwcore.layers.drawn_networks import described, drawn_codes, drawn_graph, drawn_network


def table(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def logits(of: MappedNetwork, *inputs: list[float]) -> list[list[float]]:
    return simulate(of, as_designed(of), torch.tensor(inputs, dtype=torch.float64)).tolist()


def test_one_layer_with_a_digital_bias() -> None:
    # Currents of 1 x 2 + 0.5 x (-1) = 1.5 uS and 1 x 1 + 0.5 x 3 = 2.5 uS; scales of 1e6 and -2e6 per S.
    one = layer([[3e-6, 1e-6], [1e-6, 3e-6]], [[1e-6, 0], [2e-6, 0]], scale=[1e6, -2e6], bias=[0.25, 1.0])
    assert logits(network(one), [1.0, 0.5])[0] == pytest.approx([1.75, -4.0], rel=1e-12)


def test_one_layer_with_a_bias_row() -> None:
    # The third row is driven with 2: 1 + 2 x 0.5 and 0 - 2 x 4, in uS.
    one = layer(
        [[1e-6, 0], [0, 0], [0.5e-6, 0]], [[0, 0], [0, 0], [0, 4e-6]], scale=[1e6, 1e6], bias=[0, 0], bias_drive=2.0
    )
    assert (one.plan.inputs, one.rows, one.bias_drive) == (2, 3, 2.0)
    assert logits(network(one), [1.0, 1.0])[0] == pytest.approx([2.0, -8.0], rel=1e-12)


def test_activations_between_layers() -> None:
    through = {"scale": [1.0], "bias": [0.0]}
    second = layer([[1.0]], [[0.0]], name="fc2", **through)
    levels, steps = table(0.0, 1.0, 2.0, 3.0), table(0.5, 1.5, 2.5)

    def output(activation: MappedActivation, x: float) -> float:
        first = layer([[1.0]], [[0.0]], **through)
        return logits(network(first, second, activation=activation), [x])[0][0]

    quantised = MappedActivation("relu", levels, steps)
    assert [output(quantised, x) for x in (-1.0, 0.4, 0.5, 1.7, 9.0)] == [0.0, 0.0, 1.0, 2.0, 3.0]
    assert output(MappedActivation("relu", None, None), 1.7) == 1.7
    assert output(MappedActivation("relu", None, None), -1.7) == 0.0
    assert output(MappedActivation("sigmoid", None, None), 0.3) == pytest.approx(1 / (1 + math.exp(-0.3)), rel=1e-15)
    signed = MappedActivation("tanh", table(-1.0, 1.0), table(0.0))
    assert [output(signed, x) for x in (-0.1, 0.0, 0.1)] == [-1.0, 1.0, 1.0]
    assert (quantised.largest_level, MappedActivation("tanh", None, None).largest_level) == (3.0, None)


def test_classify_reads_codes_and_goes_through_every_batch() -> None:
    # Two classes: the larger pixel wins; equal pixels are class 0.
    one = layer([[1e-6, 0], [0, 1e-6]], [[0, 0], [0, 0]], scale=[1e6, 1e6], bias=[0, 0])
    codes = torch.randint(0, 16, (BATCH + 7, 2), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    found = classify(network(one), as_designed(network(one)), codes, 1 / 15)
    assert torch.equal(found, (codes[:, 1] > codes[:, 0]).long())


def test_batches_are_small_where_positions_multiply_them() -> None:
    hardware = described("ratio 2", "relu of 2 bits", {"bias": "array_row"}, 128, 128)
    mapped = map_network(drawn_graph(hardware, network_graph(described_model("lenet-5"), "mnist")))
    # conv1: 26 rows at 784 positions.
    assert simulated_at_once(mapped) == NUMBERS // (784 * 26)
    assert simulated_at_once(map_network(drawn_network(hardware, (6, 5), "none"))) == BATCH
    codes = drawn_codes(2 * simulated_at_once(mapped) + 3, 784)
    found = array_logits(mapped, as_designed(mapped), codes, 1 / 15)
    expected = simulate(mapped, as_designed(mapped), codes[-5:].double() / 15)
    assert len(found) == len(codes)
    torch.testing.assert_close(found[-5:], expected, rtol=1e-9, atol=1e-12)
