"""Batch normalisation of the channels of a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwcore.spec.graph.operation import Operation, Shape


@dataclass(frozen=True)
class Normalize(Operation):
    """y = gamma (x - mean) / sqrt(var + eps) + beta for every channel, statistics over batch and map.

    Right behind an array it is folded into the digital scale and bias of each column; anywhere else it becomes a
    digital scale and offset of each channel.

    Source: S. Ioffe, C. Szegedy 2015, arXiv:1502.03167.
    """

    kind: ClassVar[str] = "normalize"
    title: ClassVar[str] = "y = gamma (x - mean) / sqrt(var + eps) + beta for every channel"

    def shape(self, *shapes: Shape) -> Shape:
        """Shape of the input."""
        return shapes[0]
