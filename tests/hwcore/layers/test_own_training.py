"""The layers in somebody else's training loop: ordinary modules, an ordinary optimiser, an ordinary loss."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from hwcore.datasets import load
from hwcore.layers import HardwareActivation, HardwareLinear, sharpen, weight_values
from hwcore.spec import Hardware
from tests.hwcore.spec.chips import chip

CELL = {
    "levels": 4,
    "g_max": 5e-5,
    "on_off_ratio": 8,
    "spacing": {"type": "exponential", "curvature": 2},
    "negative": {"gain": 0.8},
}
HARDWARE = chip(CELL, activation={"bits": 2})


def images() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    digits = load("digits")
    train, test = (
        torch.from_numpy(x.reshape(len(x), -1) / 16).float() for x in (digits.train_images, digits.test_images)
    )
    return train, torch.from_numpy(digits.train_labels), test, torch.from_numpy(digits.test_labels)


def mixed(hardware: Hardware) -> nn.Module:
    """Cells for the weights, with torch's own normalisation between them."""
    return nn.Sequential(
        HardwareLinear(64, 64, hardware),
        nn.BatchNorm1d(64),
        HardwareActivation(hardware.activation),
        HardwareLinear(64, 10, hardware),
    )


@pytest.mark.parametrize("make", [torch.optim.Adam, torch.optim.RMSprop])
def test_digits_are_learned_from_nothing(make: type[torch.optim.Optimizer]) -> None:
    torch.manual_seed(0)
    x, labels, test, test_labels = images()
    network = mixed(HARDWARE)
    optimizer, steps = make(network.parameters(), lr=3e-3), 500
    for step in range(steps):
        sharpen(network, step / steps)
        chosen = torch.randint(len(x), (64,))
        loss = F.cross_entropy(network(x[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    network.eval()
    found = (network(test).argmax(1) == test_labels).float().mean()
    assert float(found) > 0.93
    # What was judged are weights that a pair of cells can hold, and activations of two bits.
    weights = set(network[0].staircase(network[0].theta.detach()).unique().tolist())
    assert len(weights) > 3
    assert weights <= set(weight_values(HARDWARE).float().tolist())
    assert len(network[:3](test).unique()) == 4


def test_a_training_that_is_resumed_from_its_state_dict_is_where_it_was() -> None:
    # Before anything calls `sharpen` again: a look at the loss, say.
    x, labels, _, _ = images()
    network, again = mixed(HARDWARE), mixed(HARDWARE)
    sharpen(network, 0.4)
    again.load_state_dict(network.state_dict())
    assert torch.equal(again(x[:9]), network(x[:9]))
    losses = [F.cross_entropy(each(x[:9]), labels[:9]) for each in (network, again)]
    assert torch.equal(*losses)
