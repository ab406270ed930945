"""Something that every layer of a kind has for a while and then no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from torch import nn

from hwcore.layers.cells import CellLayer


def cell_layers(network: nn.Module) -> list[CellLayer]:
    """The layers of cells of any module, in its own order."""
    return [module for module in network.modules() if isinstance(module, CellLayer)]


@contextmanager
def attached(
    layers: Sequence[nn.Module], what: Literal["noise", "wires", "reads", "converters"], values: Sequence[object]
) -> Iterator[None]:
    """Within this context every layer has its value of this attribute; afterwards the one from before.

    Args:
        layers: of cells, or activations.
        what: name of the attribute.
        values: one for each layer.

    Raises:
        ValueError: another number of values than of layers.
    """
    before = [getattr(layer, what) for layer in layers]
    try:
        for layer, value in zip(layers, values, strict=True):
            setattr(layer, what, value)
        yield
    finally:
        for layer, outer in zip(layers, before, strict=True):
            setattr(layer, what, outer)


@contextmanager
def before_training_calls(network: nn.Module, then: Callable[[], None]) -> Iterator[None]:
    """Within this context every call of the network in training mode is preceded by one of `then`."""
    hook = network.register_forward_pre_hook(lambda *_: then() if network.training else None)
    try:
        yield
    finally:
        hook.remove()
