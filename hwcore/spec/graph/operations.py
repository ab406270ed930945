"""Functions on tensors that kinds of nodes call: a kind needs no torch, and an integer form can take its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

Pixels = tuple[int, ...]
"""One number for every direction of a map, pixels."""


@runtime_checkable
class Operations(Protocol):
    """Functions that no method of a tensor offers. `hwcore.digital.OPERATIONS` has them for torch."""

    def max_pool(self, x: Any, size: Pixels, stride: Pixels, padding: Pixels) -> Any:
        """Largest value of every square; x is (batch, channels, *map)."""

    def average_pool(self, x: Any, size: Pixels, stride: Pixels, padding: Pixels) -> Any:
        """Mean of every square, with padded pixels as zeros; x is (batch, channels, *map)."""

    def concat(self, parts: Sequence[Any]) -> Any:
        """Parts one after the other along axis 1."""
