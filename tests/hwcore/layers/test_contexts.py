"""Contexts that are entered together: there inside, gone outside, whatever happened."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from hwcore.layers.contexts import Times, before_training_calls, entered
from hwcore.streams import stream


@contextmanager
def noted(name: str, notes: list[str]) -> Iterator[None]:
    notes.append(f"{name} begins")
    try:
        yield
    finally:
        notes.append(f"{name} ends")


def test_contexts_end_in_the_opposite_order_after_a_failure_too() -> None:
    notes: list[str] = []

    def fail() -> None:
        with entered(noted(name, notes) for name in ("one", "two")):
            notes.append("inside")
            raise KeyError("something went wrong")

    with pytest.raises(KeyError, match="something went wrong"):
        fail()
    assert notes == ["one begins", "two begins", "inside", "two ends", "one ends"]


def test_only_calls_in_training_mode_are_preceded() -> None:
    network, calls = nn.Linear(2, 2), []
    with before_training_calls(network, lambda: calls.append("called")):
        network(torch.zeros(1, 2))
        network.eval()(torch.zeros(1, 2))
    network.train()(torch.zeros(1, 2))
    assert calls == ["called"]


def test_every_time_is_drawn_as_often_and_a_single_one_takes_no_draw() -> None:
    network, times, drawn = nn.Linear(1, 1), Times(3, stream(0)), []
    with times.passing(network):
        for _ in range(300):
            network(torch.zeros(1, 1))
            drawn.append(times.now)
    assert min(drawn.count(time) for time in range(3)) > 70
    generator = stream(0)
    before = generator.get_state()
    with Times(1, generator).passing(network):
        network(torch.zeros(1, 1))
    assert torch.equal(generator.get_state(), before)
