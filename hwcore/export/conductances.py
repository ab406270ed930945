"""conductances.npz: the conductance and the code of every cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcore.export.results import Results


def write_conductances(path: Path, results: Results) -> None:
    """Write `<array>/g_pos`, `<array>/g_neg` (float64, S) and `<array>/code_pos`, `<array>/code_neg` of every array.

    The only array of a layer has the name of the layer. Codes are uint8. All are (rows, cols): rows = inputs, the bias
    row last if there is one; cols = outputs.
    The bytes depend on the content alone: numpy gives every member of the archive the same date.
    """
    arrays = {}
    for array in (array for layer in results.network.layers for array in layer.arrays):
        for key in ("g_pos", "g_neg", "code_pos", "code_neg"):
            arrays[f"{array.name}/{key}"] = getattr(array.pairs, key).numpy()
    np.savez_compressed(path, allow_pickle=False, **arrays)
