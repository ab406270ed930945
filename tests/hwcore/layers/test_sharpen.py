"""Sharpening a whole network: where the schedule is, for every staircase in it."""

from itertools import pairwise

import pytest
from torch import nn

from hwcore.layers import HardwareActivation, HardwareLinear, HardwareNetwork, sharpen
from hwcore.quant import Staircase
from hwcore.spec import Sharpening, dense_graph
from tests.hwcore.spec.chips import chip

HARDWARE = chip({"levels": 4, "g_max": 8e-6}, activation={"bits": 2})


def sharpnesses(network: nn.Module) -> tuple[set[float], set[float]]:
    """Of the activations, and of everything else."""
    activations = [module.staircase for module in network.modules() if isinstance(module, HardwareActivation)]
    found: tuple[set[float], set[float]] = (set(), set())
    for module in network.modules():
        if isinstance(module, Staircase):
            found[all(module is not activation for activation in activations)].add(module.sharpness)
    return found


@pytest.mark.parametrize(
    ("given", "of_activations"),
    [
        ({}, 0.5),
        ({"activation_end": 8.0}, 2.0),
        ({"activation_end": 0.5}, 0.5),
        # Where no hard values come in, nothing but sharpness closes the gap.
        ({"hard_from": 1.0}, 4.0),
        ({"hard_from": 1.0, "activation_end": 2.0}, 1.0),
    ],
    ids=str,
)
def test_every_staircase_follows(given: dict[str, float], of_activations: float) -> None:
    own = nn.Sequential(HardwareLinear(4, 3, HARDWARE), HardwareActivation(HARDWARE.activation), nn.Linear(3, 3))
    for network in (own, HardwareNetwork(dense_graph((4, 3, 2), "batch"), HARDWARE)):
        assert sharpen(network, 0.5, Sharpening(start=0.5, end=32.0, **given)) == pytest.approx(4.0, rel=1e-12)
        (activations,), (weights,) = sharpnesses(network)
        assert activations == pytest.approx(of_activations, rel=1e-12)
        assert weights == pytest.approx(4.0, rel=1e-12)


def test_from_start_to_end_and_never_back() -> None:
    network, schedule = HardwareNetwork(dense_graph((4, 3, 2)), HARDWARE), Sharpening(start=2.0, end=24.0)
    found = [sharpen(network, k / 1000, schedule) for k in range(1001)]
    assert found[0] == 2.0
    assert found[-1] == pytest.approx(24.0, rel=1e-12)
    assert found == sorted(found)
    # A table is built anew at each of these, so they are few, and no two are further apart than two percent.
    assert len(set(found)) == 129
    assert max(after / before for before, after in pairwise(found)) < 1.02


def test_the_default_is_that_of_a_job() -> None:
    network = HardwareNetwork(dense_graph((4, 3, 2)), HARDWARE)
    assert sharpen(network, 0.0) == Sharpening().start
    assert sharpen(network, 1.0) == pytest.approx(Sharpening().end, rel=1e-12)


def test_hard_values_come_in_where_the_schedule_says() -> None:
    network, schedule = HardwareNetwork(dense_graph((4, 3, 2)), HARDWARE), Sharpening(hard_from=0.75)
    for fraction, expected in ((0.0, 0.0), (0.75, 0.0), (0.8125, 0.5), (0.875, 1.0), (1.0, 1.0), (0.25, 0.0)):
        sharpen(network, fraction, schedule)
        found = {module.hardness for module in network.modules() if isinstance(module, Staircase)}
        assert found == {expected}
    sharpen(network, 1.0, Sharpening(hard_from=1.0))
    assert network.weight_staircase.hardness == 0.0
    sharpen(network, 0.25)
    assert network.weight_staircase.hardness == 0.5


@pytest.mark.parametrize("fraction", [-0.01, 1.01, float("nan")])
def test_a_share_that_is_none_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="allowed: the share of the training that is done, 0 to 1"):
        sharpen(HardwareNetwork(dense_graph((4, 3, 2)), HARDWARE), fraction)
