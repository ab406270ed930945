"""The effects of a chip as a training sees them: one form for each effect that training can include."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from hwcore.layers.converted import converted_currents
from hwcore.layers.weight_noise import noisy_weights
from hwcore.layers.wired import wired_weights
from hwcore.snapshot import Remembers
from hwcore.spec import EFFECTS, Effect, Hardware


@dataclass(frozen=True, eq=False)
class Awareness:
    """The effects that a training includes, and how it sees them.

    Attributes:
        effects: of those that training can include.
        generator: source of everything that is drawn anew for every batch, on the CPU.
        times: after the write, s, at least one; every batch is at one of them.
        weight_noise: standard deviation of a regulariser independent of the chip, over the largest weight.
        every: steps from one refresh of the transfer matrices of the wires to the next.
    """

    effects: frozenset[Effect]
    generator: torch.Generator
    times: tuple[float, ...] = (0.0,)
    weight_noise: float = 0.0
    every: int = 1


States = Mapping[str, Remembers]
"""Everything of a form that has a state, by name: a training that goes on where it was restores them."""
Form = Callable[[nn.Module, Hardware, Awareness], AbstractContextManager[States]]


@contextmanager
def _noise(network: nn.Module, hardware: Hardware, awareness: Awareness) -> Iterator[States]:
    """Weights and reads that are drawn anew for every batch; without any of the effects the regulariser alone."""
    noise = noisy_weights(
        network,
        hardware,
        awareness.generator,
        effects=awareness.effects,
        times=awareness.times,
        weight_noise=awareness.weight_noise,
    )
    with noise as draws:
        yield {"noise": draws}


@contextmanager
def _wires(network: nn.Module, hardware: Hardware, awareness: Awareness) -> Iterator[States]:
    """Weights as they arrive through the wires."""
    with wired_weights(network, hardware, every=awareness.every) as wired:
        yield {f"wires_{number}": each for number, each in enumerate(wired)}


@contextmanager
def _converters(network: nn.Module, hardware: Hardware, awareness: Awareness) -> Iterator[States]:
    """Currents as the converters give them."""
    with converted_currents(network, hardware) as converting:
        yield {f"converters_{number}": each for number, each in enumerate(converting)}


TRAINING_FORMS: Final[Mapping[Effect, Form]] = {
    "programming": _noise,
    "wires": _wires,
    "adc": _converters,
    "read": _noise,
    "drift": _noise,
}
"""The form of each trainable effect; effects that are drawn together share one."""


@contextmanager
def training_effects(network: nn.Module, hardware: Hardware, awareness: Awareness) -> Iterator[States]:
    """Make every layer of cells compute with the effects that a training is aware of, within a `with` block.

    What is drawn is there in training mode alone; all else is there in both modes.

    Args:
        network: any module with layers of cells inside.
        hardware: the description that they were built from.
        awareness: the effects; those that the description does not have change nothing.

    Yields:
        Everything that has a state, by name.

    Raises:
        ValueError: no time, or one before the first of the drift or of the read noise.
        ArrayTooLarge: the wires of a tile take more memory than there is.
    """
    chosen = (TRAINING_FORMS[effect] for effect in EFFECTS if effect in awareness.effects)
    with ExitStack() as within:
        states: dict[str, Remembers] = {}
        # The regulariser and its generator are there whatever the effects.
        for form in dict.fromkeys((_noise, *chosen)):
            states |= within.enter_context(form(network, hardware, awareness))
        yield states
