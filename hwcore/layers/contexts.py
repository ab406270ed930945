"""Contexts around a network: entered together, before every training call, and at a time that such a call draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import torch
from torch import nn


@contextmanager
def entered(contexts: Iterable[AbstractContextManager[object]]) -> Iterator[None]:
    """Enter these contexts one after the other, and leave them in the opposite order."""
    with ExitStack() as within:
        for context in contexts:
            within.enter_context(context)
        yield


@contextmanager
def before_training_calls(network: nn.Module, then: Callable[[], None]) -> Iterator[None]:
    """Call `then` before every call of the network in training mode, inside a `with` block."""
    hook = network.register_forward_pre_hook(lambda *_: then() if network.training else None)
    try:
        yield
    finally:
        hook.remove()


class Times:
    """The time after the write that a batch is computed at: one of so many, drawn evenly, for the whole network.

    Args:
        count: from 1.
        generator: of the drawing, on the CPU; not used for a single time.
    """

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self.count, self.generator, self.now = count, generator, 0

    @contextmanager
    def passing(self, network: nn.Module) -> Iterator[None]:
        """Draw a time before every call of the network in training mode, inside a `with` block."""
        with before_training_calls(network, self._draw):
            yield

    def _draw(self) -> None:
        if self.count > 1:
            self.now = int(torch.randint(self.count, (), generator=self.generator))
