"""The floating-point network as teacher: its logits for every image, without a trace."""

import pytest
import torch

from hwcore.layers import FloatNetwork
from hwcore.spec import dense_graph
from hwcore.training import teach
from hwcore.training.batches import EVALUATION_BATCH
from tests.hwcore.training.small_examples import drawn


def network() -> FloatNetwork:
    """With statistics that have moved, so that its two modes differ."""
    found = FloatNetwork(dense_graph((6, 8, 3), "batch"), "relu", generator=torch.Generator().manual_seed(0))
    for seed in range(10):
        found(drawn(100, 6, seed=seed).inputs(slice(None), torch.float32))
    return found


@pytest.mark.parametrize("count", [50, 2 * EVALUATION_BATCH + 7])
def test_every_image_has_the_logits_of_the_network(count: int) -> None:
    examples = drawn(count, 6)
    taught = teach(network(), examples)
    expected = network().eval()(examples.inputs(slice(None), torch.float32)).detach()
    torch.testing.assert_close(taught, expected, rtol=1e-5, atol=1e-6)
    # In evaluation mode: the statistics of its own batch would give others.
    assert float((taught - network()(examples.inputs(slice(None), torch.float32)).detach()).abs().max()) > 0.01


def test_it_is_asked_and_not_trained() -> None:
    taught_by = network().train()
    before = {name: value.clone() for name, value in taught_by.state_dict().items()}
    logits = teach(taught_by, drawn(50, 6))
    assert not logits.requires_grad
    assert not taught_by.training
    assert all(torch.equal(before[name], value) for name, value in taught_by.state_dict().items())
