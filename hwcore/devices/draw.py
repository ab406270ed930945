"""Random numbers for the cells of one chip, or of many: a chip has the same numbers alone and among others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from jaxtyping import Float64
from torch import Tensor

Chips: TypeAlias = torch.Generator | Sequence[torch.Generator]
"""The generator of one chip, or one for each of many chips: then results have the shape (chips, rows, cols)."""


def standard_normal(shape: Sequence[int], chips: Chips) -> Float64[Tensor, ...]:
    """xi ~ N(0, 1), independent, drawn in float32: five times as fast as in float64, and an error of an error.

    Beyond 5.8 standard deviations there is nothing: of 10^8 cells one would lie there.

    Args:
        shape: of one chip.
        chips: generators on the CPU.
    """
    return _each(shape, chips, torch.randn, torch.float32)


def uniform(shape: Sequence[int], chips: Chips) -> Float64[Tensor, ...]:
    """u ~ U[0, 1), independent, in steps of 2^-53: small rates keep their size.

    Args:
        shape: of one chip.
        chips: generators on the CPU.
    """
    return _each(shape, chips, torch.rand, torch.float64)


def _each(shape: Sequence[int], chips: Chips, sample: Callable[..., Tensor], dtype: torch.dtype) -> Tensor:
    if isinstance(chips, torch.Generator):
        return sample(tuple(shape), dtype=dtype, generator=chips).double()
    drawn = torch.empty((len(chips), *shape), dtype=torch.float64)
    for chip, generator in zip(drawn, chips, strict=True):
        chip.copy_(sample(tuple(shape), dtype=dtype, generator=generator))
    return drawn
