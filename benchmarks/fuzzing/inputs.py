"""Random kinds of inputs and targets: signs, sixteen bits, channels, normalisation, numbers to find, anomalies."""

from __future__ import annotations

from random import Random

import numpy as np

from benchmarks.fuzzing.draws import Node, chance

Arrays = dict[str, np.ndarray]
INPUTS = ("signed", "wide", "signed_floats", "colours", "normalized")
TARGETS = ("numbers", "anomalies")


def varied(random: Random, arrays: Arrays) -> tuple[Arrays, Node]:
    """Change a file of grey bytes into another kind, and say what the job has to say of it.

    Args:
        random: source.
        arrays: of the file; not changed.

    Returns:
        Arrays, and fields of the job: `normalization` of its dataset, `metric`.
    """
    fields: Node = {}
    found = dict(arrays)
    images = [name for name in found if name[0] == "x"]
    if chance(random, 0.5):
        kind = random.choice(INPUTS)
        if kind == "normalized":
            fields["normalization"] = "per_channel"
        elif kind == "colours" and found[images[0]].ndim == 3:
            for name in images:
                found[name] = np.stack([found[name], found[name][:, ::-1], found[name] // 2], axis=1)
            found["channel_axis"] = np.array(1)
        elif kind != "colours":
            found = _with_signs(random, found, images, kind)
    if chance(random, 0.4):
        _retarget(random, found, fields)
    return found, fields


def _with_signs(random: Random, arrays: Arrays, images: list[str], kind: str) -> Arrays:
    """Values around zero, or of 16 bits, whatever scale they had."""
    found = {name: array for name, array in arrays.items() if name != "full_scale"}
    most = max(float(found[name].max()) for name in images) or 1.0
    for name in images:
        share = found[name].astype(np.float64) / most
        if kind == "wide":
            found[name] = np.round(share * 65_535).astype(np.uint16)
        elif kind == "signed":
            kept = random.choice((np.int8, np.int16)) if name == images[0] else found[images[0]].dtype
            found[name] = np.round((2 * share - 1) * np.iinfo(kept).max).astype(kept)
        else:
            found[name] = 2 * share - 1
    if kind == "signed_floats":
        found["signed"] = np.array(1)
    return found


def _retarget(random: Random, arrays: Arrays, fields: Node) -> None:
    """Numbers in the place of classes, or normal and anomalous ones."""
    kind = random.choice(TARGETS)
    scale = random.choice((1.0, 1e-3, 1e3))
    fields["metric"] = "mean_squared_error" if kind == "numbers" else "roc_auc"
    for name in [name for name in arrays if name[0] == "y"]:
        if kind == "numbers":
            arrays[name] = scale * np.stack([arrays[name], arrays[name] % 2], axis=1).astype(np.float32)
        else:
            arrays[name] = (arrays[name] > 0).astype(np.int64)
