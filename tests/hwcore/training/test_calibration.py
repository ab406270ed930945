"""Activation ranges from data: by hand, for every rule and every kind of range."""

from typing import Any

import pytest
import torch

from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.spec import dense_graph
from hwcore.training import calibrate_activations
from hwcore.training.calibration import IMAGES
from tests.hwcore.layers.drawn_networks import full_scales
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.small_examples import drawn, typed


def passing(function: str = "relu") -> FloatNetwork:
    """One unit that hands its input to the function."""
    network = FloatNetwork(dense_graph((1, 1, 1)), function)
    with torch.no_grad():
        network.layers[0].weight.fill_(1.0)
        network.layers[0].bias.zero_()
    return network


def on_chip(widths: tuple[int, ...] = (1, 1, 1), **activation: Any) -> HardwareNetwork:
    return HardwareNetwork(dense_graph(widths), chip({"levels": 2, "g_max": 1e-5}, activation=activation))


def calibrated(network: HardwareNetwork, codes: list[int], rule: Any, function: str = "relu") -> float:
    calibrate_activations(network, passing(function), typed([[c] for c in codes], [0] * len(codes)), rule=rule)
    return full_scales(network)[0]


def test_full_range_is_the_largest_output() -> None:
    assert calibrated(on_chip(bits=2), [1, 7, 3], "full_range") == pytest.approx(7.0, rel=1e-6)
    tanh = calibrated(on_chip(function="tanh", bits=2), [0, 1], "full_range", "tanh")
    assert tanh == pytest.approx(torch.tanh(torch.tensor(1.0)).item(), rel=1e-6)


def test_least_error_clips_one_for_the_sake_of_many() -> None:
    # One bit: nine outputs of 1 and one of 4 become 0 or r. 9 (r - 1)^2 + (r - 4)^2 is least at 1.3.
    assert calibrated(on_chip(bits=1), [1] * 9 + [4], "least_error") == pytest.approx(1.3, rel=1e-6)


def test_outputs_on_the_levels_keep_their_range() -> None:
    assert calibrated(on_chip(bits=2), [0, 1, 2, 3], "least_error") == pytest.approx(3.0, rel=1e-6)


def test_a_unit_that_is_never_on_still_has_a_range() -> None:
    assert 0 < calibrated(on_chip(bits=2), [0, 0], "full_range") <= 1e-5
    assert 0 < calibrated(on_chip(bits=2), [0, 0], "least_error") <= 1e-5


def test_what_is_given_or_not_quantised_stays() -> None:
    assert calibrated(on_chip(bits=2, range=2.5), [7], "full_range") == 2.5
    assert calibrated(on_chip(), [7], "full_range") == 1.0
    assert calibrated(on_chip(bits=2, range="calibrated"), [7], "full_range") == pytest.approx(7.0, rel=1e-6)


def test_every_layer_has_the_range_of_its_own_outputs() -> None:
    trained = FloatNetwork(dense_graph((6, 5, 4, 3), "batch"), "relu", generator=torch.Generator().manual_seed(0))
    network = HardwareNetwork(
        dense_graph((6, 5, 4, 3), "batch"), chip({"levels": 2, "g_max": 1e-5}, activation={"bits": 2})
    )
    examples = drawn(IMAGES + 50, 6)
    trained(examples.inputs(slice(0, 500), torch.float32))  # moves the statistics
    state = {name: value.clone() for name, value in trained.state_dict().items()}
    calibrate_activations(network, trained, examples, rule="full_range")
    # The statistics are those of evaluation and stay what they were; the mode is given back.
    assert trained.training
    assert all(torch.equal(state[name], value) for name, value in trained.state_dict().items())
    trained.eval()
    # Images beyond the first 4,000 are not looked at.
    x = examples.inputs(slice(0, IMAGES), torch.float32)
    with torch.no_grad():
        first = torch.relu(trained.norms[0](trained.layers[0](x)))
        second = torch.relu(trained.norms[1](trained.layers[1](first)))
    assert full_scales(network) == pytest.approx([float(first.max()), float(second.max())], rel=1e-6)
