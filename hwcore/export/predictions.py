"""predictions.npz: what the network on the chip says of every test image, for a second implementation to agree with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64, UInt8
from torch import Tensor

from hwcore.crossbar import predicted_class

MOST_CODES = 1 << 26
"""Codes of test images that are written, 64 MiB: of data of one's own there may be more."""


def write_predictions(
    path: Path,
    logits: Float64[Tensor, "images classes"],
    labels: Int64[Tensor, " images"],
    *,
    codes: UInt8[Tensor, "images inputs"],
    with_wires: Float64[Tensor, "images classes"] | None = None,
    most_codes: int = MOST_CODES,
) -> None:
    """Write `logits` (float64), `predictions` (index of the largest logit), `labels` and `codes` (uint8).

    Of equal logits the first: those within 1e-9 of the largest |logit| of the image are equal.

    Args:
        path: the file.
        logits: of the arrays as designed, on lines without resistance, read exactly.
        labels: of the images.
        codes: of the DAC: what the first layer was given. As many of the first images as fit into `most_codes`.
        with_wires: logits of the same arrays on the lines of the description: `logits_with_wires` and
            `predictions_with_wires`. None: the chip was not looked at through wires.
        most_codes: bytes.
    """
    arrays = {
        "logits": logits.cpu().numpy(),
        "predictions": predicted_class(logits).cpu().numpy(),
        "labels": labels.cpu().numpy(),
        "codes": codes[: max(1, most_codes // codes.shape[1])].cpu().numpy(),
    }
    if with_wires is not None:
        arrays["logits_with_wires"] = with_wires.cpu().numpy()
        arrays["predictions_with_wires"] = predicted_class(with_wires).cpu().numpy()
    np.savez_compressed(path, allow_pickle=False, **arrays)
