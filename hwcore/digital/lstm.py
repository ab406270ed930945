"""Gates of a long short-term memory."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def lstm_step(
    z: Float[Tensor, "batch gates"], c: Float[Tensor, "batch units"]
) -> tuple[Float[Tensor, "batch units"], Float[Tensor, "batch units"]]:
    """h = sigmoid(z_o) tanh(c'), c' = sigmoid(z_f) c + sigmoid(z_i) tanh(z_g).

    Args:
        z: sums of the array behind scale and bias: those of i of all units, then those of f, g and o.
        c: cell state of the step before.

    Returns:
        h, before its levels, and c'.

    Source: S. Hochreiter, J. Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, with the forget gate of F. Gers et al.
        2000, doi:10.1162/089976600300015015; the order of the gates is that of `torch.nn.LSTM`.
    """
    i, f, g, o = z.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
