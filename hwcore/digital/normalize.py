"""Normalisation that is folded into no array: a digital scale and offset for every channel."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.mapping import MappedNormalization


def normalized(
    x: Float[Tensor, "batch channels ..."], normalization: MappedNormalization
) -> Float[Tensor, "batch channels ..."]:
    """y = scale_c x + offset_c.

    Args:
        x: vectors or maps, without unit.
        normalization: a scale and an offset for every channel.
    """
    column = (-1, *(1 for _ in x.shape[2:]))
    scale, offset = (each.to(x.dtype).view(column) for each in (normalization.scale, normalization.offset))
    return torch.addcmul(offset, x, scale)
