"""Error of reconstruction of an autoencoder, and the ranks of anomalous examples by it."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def squared_errors(outputs: Float[Tensor, "batch outputs"], targets: Float[Tensor, "batch outputs"]) -> Tensor:
    """Mean squared error of every example, over its outputs: (batch,)."""
    return (outputs - targets).square().mean(1)


def ordered_pairs(scores: Float[Tensor, " examples"], anomalous: Bool[Tensor, " examples"]) -> int:
    """Twice the number of pairs of a normal and an anomalous example in the right order: the anomalous one higher.

    A tie counts one. Over twice the number of pairs it is the area under the ROC curve (2 U of Mann and Whitney).

    Args:
        scores: the higher, the more anomalous; not a number is as low as can be.
        anomalous: which are; at least one is, and one is not.

    Source: H. B. Mann, D. R. Whitney 1947, doi:10.1214/aoms/1177730491.
    """
    known = scores.nan_to_num(nan=-torch.inf, posinf=torch.inf, neginf=-torch.inf)
    normal = known[~anomalous].sort().values
    high = known[anomalous].contiguous()
    below, up_to = (torch.searchsorted(normal, high, side=side) for side in ("left", "right"))
    return int(below.sum() + up_to.sum())
