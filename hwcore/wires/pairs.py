"""Differential pairs: in two arrays, or side by side in one."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.mapping import Components
from hwcore.spec import PairLayout
from hwcore.wires.transfer import transfer
from hwcore.wires.wires import Wires


def pair_transfer(
    g: Components, wires: Wires, layout: PairLayout = "separate", *, memory: int | None = None
) -> Components:
    """Transfer matrices of the positive and the negative bit lines; the current of a pair is V M_pos - V M_neg.

    Args:
        g: conductances, S; of one tile or of many of the same shape.
        wires: resistances; of each of the two arrays, or of the one.
        layout: separate: two arrays, each with drivers, word lines and bit lines of its own. interleaved: one array
            of twice the columns, positive bit line, negative bit line, positive, ...; the one nearest to the drivers
            is positive.
        memory: as for `transfer`.

    Returns:
        M_pos and M_neg, S.

    Raises:
        ValueError, ArrayTooLarge: as for `transfer`; another layout.
    """
    if layout == "separate":
        both = transfer(torch.stack([g.pos, g.neg]), wires, memory=memory)
        return Components(both[0], both[1])
    if layout == "interleaved":
        both = transfer(interleaved(g), wires, memory=memory)
        return Components(both[..., 0::2], both[..., 1::2])
    raise ValueError(f'layout: got {layout!r}; allowed: "separate", "interleaved"')


def interleaved(g: Components) -> Float64[Tensor, "*tiles rows both"]:
    """One array of both components: columns positive, negative, positive, ..., S."""
    return torch.stack([g.pos, g.neg], dim=-1).flatten(-2)
