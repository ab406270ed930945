"""Statistics of the normalisation taken again with hard values."""

import pytest
import torch

from hwcore.layers import HardwareNetwork, noisy_weights
from hwcore.quant import Staircase
from hwcore.spec import dense_graph
from hwcore.streams import stream
from hwcore.training import settle_normalization
from hwcore.training.batches import EVALUATION_BATCH
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.small_examples import drawn

HARDWARE = chip({"levels": 4, "g_max": 1e-5, "on_off_ratio": 8}, activation={"bits": 2})


def network() -> HardwareNetwork:
    found = HardwareNetwork(dense_graph((6, 8, 7, 3), "batch"), HARDWARE, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for linear in found.layers:
            linear.theta.mul_(4)
    return found


@pytest.mark.parametrize("count", [300, EVALUATION_BATCH + 1, 2 * EVALUATION_BATCH + 500])
def test_the_statistics_are_those_of_hard_values(count: int) -> None:
    found, examples = network(), drawn(count, 6)
    settle_normalization(found, examples)
    first, second = found.norms
    x = examples.inputs(slice(None), torch.float32)
    hard = [linear.staircase.exact[linear.value_index()].float() for linear in found.layers]
    with torch.no_grad():
        z = x @ hard[0].T * found.layers[0].scale
        torch.testing.assert_close(first.running_mean, z.mean(0), rtol=1e-4, atol=1e-5)
        # One batch at a time: the mean of the variances within the batches.
        torch.testing.assert_close(first.running_var, z.var(0), rtol=5e-3, atol=1e-5)
        y = found.activations["fc1_act"].eval()((z - z.mean(0)) / (z.var(0, correction=0) + first.eps).sqrt())
        z = y @ hard[1].T * found.layers[1].scale
    torch.testing.assert_close(second.running_mean, z.mean(0), rtol=0, atol=0.02)
    torch.testing.assert_close(second.running_var, z.var(0), rtol=0.05, atol=0.01)


def test_noise_on_the_weights_is_in_the_statistics() -> None:
    # Var(z) = sum_i w_i^2 Var(x_i) without noise; a noise of 0.5 adds 0.25 sum_i Var(x_i) within every batch.
    plain, noisy, examples = network(), network(), drawn(20 * EVALUATION_BATCH, 6)
    settle_normalization(plain, examples)
    with noisy_weights(noisy, HARDWARE, stream(0), weight_noise=0.5):
        settle_normalization(noisy, examples)
    added = 0.25 * float(examples.inputs(slice(None), torch.float32).var(0).sum())
    found = float((noisy.norms[0].running_var - plain.norms[0].running_var).mean())
    # Twenty batches, eight columns and six weights each: 960 draws of xi^2.
    assert found == pytest.approx(added, rel=4.5 * (2 / 960) ** 0.5)


def test_what_was_seen_before_plays_no_part() -> None:
    examples = drawn(300, 6)
    first, second = network(), network()
    for _ in range(5):
        second(5 * torch.rand(50, 6))
    settle_normalization(first, examples)
    settle_normalization(second, examples)
    for mine, theirs in zip(first.norms, second.norms, strict=True):
        assert torch.equal(mine.running_mean, theirs.running_mean)
        assert torch.equal(mine.running_var, theirs.running_var)


def test_only_the_statistics_change_and_the_network_is_left_ready() -> None:
    found = network()
    before = {name: value.clone() for name, value in found.named_parameters()}
    settle_normalization(found, drawn(300, 6))
    assert all(torch.equal(before[name], value) for name, value in found.named_parameters())
    assert [norm.momentum for norm in found.norms] == [0.1, 0.1]
    assert not any(module.training for module in found.modules())
    assert not any(module.training for module in found.modules() if isinstance(module, Staircase))


def test_without_normalisation_there_is_nothing_to_do() -> None:
    found = HardwareNetwork(dense_graph((6, 8, 3)), HARDWARE)
    settle_normalization(found, drawn(50, 6))
    assert not found.training
