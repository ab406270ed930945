"""predictions.npz: logits and classes of every test image, for a second implementation to agree with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcore.crossbar import predicted_class
from hwcore.export.results import Results

MOST_CODES = 1 << 26
"""Bytes of codes that are written at most, 64 MiB: the test images of a user's dataset may have more."""


def write_predictions(path: Path, results: Results, *, most_codes: int = MOST_CODES) -> None:
    """Write `logits` (float64), `predictions` (index of the largest logit), `labels` and `codes` (uint8, if that does).

    Of equal logits the first: those within 1e-9 of the largest |logit| of the image are equal. Where the job looks at
    wires, `logits_with_wires` and `predictions_with_wires` are of the same arrays on the lines of the description.

    Outputs that stand for no class have no predictions: their errors are held against labels or codes.

    Args:
        path: of the file.
        results: logits, labels, and the codes of the DAC that the first layer is given.
        most_codes: bytes of codes: those of as many of the first images as fit, and of one at least.
    """
    codes, classes = results.test.codes, results.test.metric == "accuracy"
    arrays = {
        "logits": results.logits.cpu().numpy(),
        **({"predictions": predicted_class(results.logits).cpu().numpy()} if classes else {}),
        "labels": results.test.labels.cpu().numpy(),
        "codes": codes[: max(1, most_codes // (codes.shape[1] * codes.element_size()))].cpu().numpy(),
    }
    if results.logits_with_wires is not None:
        arrays["logits_with_wires"] = results.logits_with_wires.cpu().numpy()
    if results.logits_with_wires is not None and classes:
        arrays["predictions_with_wires"] = predicted_class(results.logits_with_wires).cpu().numpy()
    np.savez_compressed(path, allow_pickle=False, **arrays)
