"""The floating-point network as teacher: precomputed or anew the same logits, of the same images, without a trace."""

import pytest
import torch

from hwcore.layers import FloatNetwork
from hwcore.spec import dense_plan
from hwcore.training import Teacher
from hwcore.training.batches import EVALUATION_BATCH
from tests.hwcore.training.small_examples import drawn


def network() -> FloatNetwork:
    """With statistics that have moved, so that its two modes differ."""
    found = FloatNetwork(dense_plan((6, 8, 3)), "relu", "batch", generator=torch.Generator().manual_seed(0))
    for seed in range(10):
        found(drawn(100, 6, seed=seed).inputs(slice(None), torch.float32))
    return found


@pytest.mark.parametrize("count", [50, 2 * EVALUATION_BATCH + 7])
def test_once_for_all_and_anew_are_the_same(count: int) -> None:
    examples = drawn(count, 6)
    fixed, anew = Teacher(network(), examples, changing=False), Teacher(network(), examples, changing=True)
    chosen = torch.randperm(count, generator=torch.Generator().manual_seed(1))[:40]
    inputs = examples.inputs(chosen, torch.float32)
    expected = network().eval()(inputs).detach()
    for teacher in (fixed, anew):
        torch.testing.assert_close(teacher(chosen, inputs), expected, rtol=1e-5, atol=1e-6)


def test_one_that_sees_the_changed_images_answers_for_them() -> None:
    examples, chosen = drawn(50, 6), torch.tensor([3, 7])
    inputs = 1 - examples.inputs(chosen, torch.float32)
    anew = Teacher(network(), examples, changing=True)(chosen, inputs)
    torch.testing.assert_close(anew, network().eval()(inputs).detach(), rtol=1e-5, atol=1e-6)
    fixed = Teacher(network(), examples, changing=False)(chosen, inputs)
    assert float((fixed - anew).abs().max()) > 0.01


@pytest.mark.parametrize("changing", [True, False])
def test_it_is_asked_and_not_trained(changing: bool) -> None:
    taught_by = network().train()
    before = {name: value.clone() for name, value in taught_by.state_dict().items()}
    examples = drawn(50, 6)
    teacher = Teacher(taught_by, examples, changing=changing)
    chosen = torch.arange(10)
    logits = teacher(chosen, examples.inputs(chosen, torch.float32))
    assert not logits.requires_grad
    assert not taught_by.training
    assert all(torch.equal(before[name], value) for name, value in taught_by.state_dict().items())
