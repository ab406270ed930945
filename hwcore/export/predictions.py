"""predictions.npz: what the network on the chip says of every test image, for a second implementation to agree with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64
from torch import Tensor

from hwcore.crossbar import predicted_class


def write_predictions(path: Path, logits: Float64[Tensor, "images classes"], labels: Int64[Tensor, " images"]) -> None:
    """Write `logits` (float64), `predictions` (index of the largest logit) and `labels`.

    Of equal logits the first: those within 1e-9 of the largest |logit| of the image are equal.
    """
    arrays = {
        "logits": logits.cpu().numpy(),
        "predictions": predicted_class(logits).cpu().numpy(),
        "labels": labels.cpu().numpy(),
    }
    np.savez_compressed(path, allow_pickle=False, **arrays)
