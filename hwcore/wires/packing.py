"""Groups of columns that share a tile: their cells lie on its diagonal, and all others of the tile are idle."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float64
from torch import Tensor


def on_diagonal(
    g: Float64[Tensor, "*tiles rows cols"], groups: int, idle: float
) -> Float64[Tensor, "*tiles all_rows cols"]:
    """Tiles whose groups have word lines of their own, one group after the other.

    Args:
        g: conductances with the rows of one group, S; its columns are those of one group after the other.
        groups: on each tile, from 1; as many columns in each.
        idle: conductance of every cell that is not on the diagonal, S.
    """
    spread = g.unsqueeze(-3).expand(*g.shape[:-2], groups, *g.shape[-2:])
    return torch.where(_own(groups, g), spread, idle).flatten(-3, -2)


def of_diagonal(m: Float64[Tensor, "*tiles all_rows cols"], groups: int) -> Float64[Tensor, "*tiles rows cols"]:
    """Entries on the diagonal, with the rows of one group: `on_diagonal` on the way back.

    Args:
        m: of word lines and bit lines of whole tiles, any unit.
        groups: as for `on_diagonal`.
    """
    by_group = m.reshape(*m.shape[:-2], groups, -1, m.shape[-1])
    return torch.where(_own(groups, m), by_group, 0.0).sum(-3)


def _own(groups: int, of: Tensor) -> Bool[Tensor, "groups 1 cols"]:
    """True where a column is one of a group."""
    col, group = (torch.arange(count, device=of.device) for count in (of.shape[-1], groups))
    return col // (len(col) // groups) == group[:, None, None]
