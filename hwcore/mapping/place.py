"""Level and conductance of every cell, from the representable value of every weight."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.mapping.pairs import Pairs
from hwcore.spec import Levels


def place(index: Int64[Tensor, "outputs rows"], levels: Levels) -> Pairs:
    """Look up the codes of every weight and the conductance of every code; turn (out, in) into (rows, cols).

    Args:
        index: of the representable value of each weight, in torch's orientation.
        levels: representable values with their codes, and the conductance of each code.
    """
    turned = index.cpu().T.contiguous()
    codes = levels.weights.code_pos, levels.weights.code_neg
    code_pos, code_neg = (torch.from_numpy(code)[turned].to(torch.uint8) for code in codes)
    return Pairs.of(code_pos, code_neg, levels.tables)
