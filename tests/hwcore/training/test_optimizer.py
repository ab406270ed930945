"""Optimisers without the compiler: the numbers of torch's own, to the bit."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from hwcore.spec import Training
from hwcore.training.optimizer import COMPILED_AROUND, optimizer_of, without_compiler


def steps(optimizer: Optimizer, network: nn.Module) -> list[torch.Tensor]:
    """Three steps with a learning rate that falls, the state written out and read again after the first."""
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)
    for number in range(3):
        loss = (network(torch.arange(12.0).view(3, 4) / 12) ** 2).sum()
        optimizer.zero_grad()
        assert all(parameter.grad is None for parameter in network.parameters())
        loss.backward()
        optimizer.step()
        decay.step()
        if number == 0:
            optimizer.load_state_dict(optimizer.state_dict())
    return [parameter.detach().clone() for parameter in network.parameters()]


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 2)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [(SGD, {"momentum": 0.9, "weight_decay": 0.1}), (AdamW, {"weight_decay": 0.1, "fused": True})],
    ids=["sgd", "adam"],
)
def test_the_numbers_are_those_of_the_class_itself(kind: type[Optimizer], settings: dict[str, Any]) -> None:
    mine, theirs = network(), network()
    found = steps(without_compiler(kind)(mine.parameters(), lr=0.1, **settings), mine)
    wanted = steps(kind(theirs.parameters(), lr=0.1, **settings), theirs)
    assert all(torch.equal(here, there) for here, there in zip(found, wanted, strict=True))


def test_torchs_own_classes_stay_as_they_are() -> None:
    before = {name: getattr(AdamW, name) for name in COMPILED_AROUND}
    plain = without_compiler(AdamW)
    assert {name: getattr(AdamW, name) for name in COMPILED_AROUND} == before
    assert issubclass(plain, AdamW)
    assert all(getattr(plain, name) is not before[name] for name in COMPILED_AROUND)


@pytest.mark.parametrize(("asked", "kind"), [("sgd", SGD), ("adam", AdamW)])
def test_matrices_decay_and_vectors_do_not(asked: Any, kind: type[Optimizer]) -> None:
    made = optimizer_of(network(), Training(optimizer=asked, weight_decay=0.3), 0.01)
    assert isinstance(made, kind)
    assert [(group["weight_decay"], group["lr"], len(group["params"])) for group in made.param_groups] == [
        (0.3, 0.01, 1),
        (0.0, 0.01, 1),
    ]
