"""Latent weights are brought back to the representable ones; those within, other modules and floats are left alone."""

import torch

from hwcore.layers import HardwareNetwork, cell_layers, clip_latents
from hwcore.spec import dense_graph
from hwcore.streams import stream
from tests.hwcore.spec.chips import chip

WEAK_NEGATIVE = {"levels": 4, "g_max": 1e-5, "negative": {"gain": 0.5}}


def network() -> HardwareNetwork:
    found = HardwareNetwork(dense_graph((6, 5, 3)), chip(WEAK_NEGATIVE), generator=stream(0))
    with torch.no_grad():
        for layer in cell_layers(found):
            layer.theta.mul_(20)
    return found


def test_latents_end_at_the_outermost_weights_and_keep_what_is_within() -> None:
    ours = network()
    before = [layer.theta.detach().clone() for layer in cell_layers(ours)]
    clip_latents(ours)
    for layer, was in zip(cell_layers(ours), before, strict=True):
        low, high = float(layer.staircase.exact[0]), float(layer.staircase.exact[-1])
        assert (low, high) == (-0.5, 1.0)
        torch.testing.assert_close(layer.theta.detach(), was.clamp(low, high), rtol=0, atol=0)
        assert bool((was > high).any())
        assert bool((was < low).any())


def test_the_hard_weights_are_the_same() -> None:
    # Beyond the ends the nearest weight is the outermost one: clipping changes what can be learnt, not what is held.
    ours = network().eval()
    x = torch.rand(4, 6, generator=stream(1))
    before = ours(x)
    clip_latents(ours)
    torch.testing.assert_close(ours(x), before, rtol=0, atol=0)


def test_a_bias_in_the_array_is_clipped_and_a_digital_one_is_not() -> None:
    for bias in ("array_row", "digital"):
        description = chip(WEAK_NEGATIVE, weights={"bias": bias})
        ours = HardwareNetwork(dense_graph((6, 3)), description, generator=stream(0))
        with torch.no_grad():
            cell_layers(ours)[0].bias.fill_(3.0)
        clip_latents(ours)
        assert float(cell_layers(ours)[0].bias[0].detach()) == (1.0 if bias == "array_row" else 3.0)


def test_a_module_without_cells_is_left_alone() -> None:
    linear = torch.nn.Linear(3, 2)
    before = linear.weight.detach().clone()
    clip_latents(linear)
    assert torch.equal(linear.weight, before)
