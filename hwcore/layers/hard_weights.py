"""Hard weights of a layer, read again every so many steps while it is trained, and always where it is judged."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.layers.cells import CellLayer
from hwcore.snapshot import Snapshot

EVERY = 50
"""Calls from one refresh to the next, unless a caller chooses."""


class HardWeights:
    """The hard weights of one layer as they were at the last refresh.

    Transfer matrices and ranges of converters follow from the hard weights. They cost more than a training step, and
    the weights hardly move from one step to the next. In training mode they are refreshed after a number of calls; in
    evaluation mode at every call, so that the judged network is the one that the chip will hold.

    Args:
        every: calls in training mode from one refresh to the next, from 1.

    Raises:
        ValueError: fewer than one.
    """

    def __init__(self, every: int) -> None:
        if every < 1:
            raise ValueError(f"every: got {every}; allowed: a whole number of calls from 1")
        self.every, self.age = every, 0
        self.index: Tensor | None = None

    def changed(self, layer: CellLayer) -> Int64[Tensor, "outputs rows"] | None:
        """Return `layer.value_index()` where a refresh is due and a weight has changed since the last one."""
        if layer.training and self.index is not None and self.age < self.every:
            self.age += 1
            return None
        self.age = 1
        index = layer.value_index()
        if self.index is not None and torch.equal(self.index.to(index.device), index):
            return None
        self.index = index
        return index

    def snapshot(self) -> Snapshot:
        """Return the values at the last refresh, and the calls since then."""
        return Snapshot({} if self.index is None else {"index": self.index}, {"age": self.age})

    def restore(self, snapshot: Snapshot) -> None:
        """Restore values and age."""
        self.age, self.index = snapshot.values["age"], snapshot.tensors.get("index")
