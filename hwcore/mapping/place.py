"""Which level each cell of a layer gets, and its conductance."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64, UInt8
from torch import Tensor

from hwcore.spec import ComponentTables, Representable


@dataclass(frozen=True, eq=False)
class Placement:
    """Codes and conductances of the two components of one layer, rows = word lines, cols = bit lines."""

    code_pos: UInt8[Tensor, "rows cols"]
    code_neg: UInt8[Tensor, "rows cols"]
    g_pos: Float64[Tensor, "rows cols"]
    g_neg: Float64[Tensor, "rows cols"]


def place(index: Int64[Tensor, "outputs rows"], weights: Representable, tables: ComponentTables) -> Placement:
    """Look up the codes of every weight and the conductance of every code; turn (out, in) into (rows, cols).

    Args:
        index: of the representable value of each weight, in torch's orientation.
        weights: the representable values with their codes.
        tables: conductance of each code, S.
    """
    turned = index.cpu().T.contiguous()
    code_pos = torch.from_numpy(weights.code_pos)[turned]
    code_neg = torch.from_numpy(weights.code_neg)[turned]
    return Placement(
        code_pos.to(torch.uint8),
        code_neg.to(torch.uint8),
        torch.from_numpy(tables.g_pos)[code_pos],
        torch.from_numpy(tables.g_neg)[code_neg],
    )
