"""predictions.npz: what the network on the chip says of every test image, for a second implementation to agree with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64
from torch import Tensor


def write_predictions(path: Path, logits: Float64[Tensor, "images classes"], labels: Int64[Tensor, " images"]) -> None:
    """Write `logits` (float64), `predictions` (index of the largest logit, the first of equal ones) and `labels`."""
    arrays = {
        "logits": logits.cpu().numpy(),
        "predictions": logits.argmax(1).cpu().numpy(),
        "labels": labels.cpu().numpy(),
    }
    np.savez_compressed(path, allow_pickle=False, **arrays)
