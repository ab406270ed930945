"""Level and conductance of every cell, from the representable value of every weight."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.mapping.pairs import Pairs
from hwcore.spec import ComponentTables, Representable


def place(index: Int64[Tensor, "outputs rows"], weights: Representable, tables: ComponentTables) -> Pairs:
    """Look up the codes of every weight and the conductance of every code; turn (out, in) into (rows, cols).

    Args:
        index: of the representable value of each weight, in torch's orientation.
        weights: the representable values with their codes.
        tables: conductance of each code, S.
    """
    turned = index.cpu().T.contiguous()
    code_pos, code_neg = (torch.from_numpy(code)[turned] for code in (weights.code_pos, weights.code_neg))
    return Pairs.of(code_pos.to(torch.uint8), code_neg.to(torch.uint8), tables)
