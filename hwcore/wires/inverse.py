"""The inverse of one symmetric matrix after the other: where the elimination spends its time."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

DIRECT = 64
"""Largest matrix that is left to LAPACK; above it, products of matrices are faster."""


def inverse(a: Float64[Tensor, "tiles cols cols"]) -> Float64[Tensor, "tiles cols cols"]:
    """The inverse, by halves: with S = A22 - A21 A11^-1 A12,

        A^-1 = | A11^-1 + W S^-1 W^T   -W S^-1 |      W = A11^-1 A12
               |    -(W S^-1)^T          S^-1  |

    Where A is one plus a conductance matrix, A12 is negative or zero and so is W: nothing above is a difference but
    the diagonal of S, so small entries are as accurate as large ones.

    Args:
        a: symmetric and positive definite; only the upper triangle is read.

    Raises:
        torch.linalg.LinAlgError: not positive definite.

    Source: Schur complement, for example Golub and Van Loan, Matrix Computations, 4th ed., section 3.2.
    """
    size = a.shape[-1]
    if size <= DIRECT:
        whole = a.triu() + a.triu(1).mT
        return torch.cholesky_inverse(torch.linalg.cholesky(whole))
    half = size // 2
    across = a[:, :half, half:]
    first = inverse(a[:, :half, :half])
    w = first @ across
    last = inverse(torch.baddbmm(a[:, half:, half:], w.mT, across, alpha=-1))
    both = w @ last
    out = torch.empty_like(a)
    torch.baddbmm(first, both, w.mT, out=out[:, :half, :half])
    out[:, :half, half:] = -both
    out[:, half:, :half] = -both.mT
    out[:, half:, half:] = last
    return out
