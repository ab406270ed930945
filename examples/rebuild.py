"""A second implementation: the network on the chip, rebuilt from mho's files with numpy and safetensors alone.

    python examples/rebuild.py OUT IMAGES [LABELS]

OUT is what `mho compile` or `mho get` made, IMAGES an IDX file of test images, gzipped or not (for MNIST
t10k-images-idx3-ubyte.gz), LABELS the labels that belong to them. The network is computed twice, from the conductances
of the arrays and from the plain weights, and both have to agree with the predictions that mho wrote, on every image.
Exit code 0: they do. Nothing of mho is imported here.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

FUNCTIONS = {"relu": lambda z: np.maximum(z, 0.0), "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)), "tanh": np.tanh}


def read_idx(path: Path) -> np.ndarray:
    """One IDX file of bytes."""
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">u4", dimensions, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def dac(images: np.ndarray, converter: dict[str, Any]) -> np.ndarray:
    """Drives of the first word lines: pixel to DAC code, half a step rounds up, code times LSB; full scale is 1."""
    full_scale, steps = converter["pixel_full_scale"], converter["codes"] - 1
    pixels = images.reshape(len(images), -1).astype(np.int64)
    return (2 * steps * pixels + full_scale) // (2 * full_scale) * converter["lsb"]


def activate(z: np.ndarray, activation: dict[str, Any] | None) -> np.ndarray:
    """The function, then the level whose threshold was reached."""
    if activation is None:
        return z
    output = FUNCTIONS[activation["function"]](z)
    if activation["levels"] is None:
        return output
    return np.array(activation["levels"])[np.searchsorted(activation["thresholds"], output, side="right")]


def from_conductances(out: Path, tiles: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """Logits from the arrays: for every tile the currents of its bit lines, added digitally, scaled, biased."""
    with np.load(out / "conductances.npz", allow_pickle=False) as arrays:
        for layer in tiles["layers"]:
            g = arrays[f"{layer['name']}/g_pos"] - arrays[f"{layer['name']}/g_neg"]
            if layer["bias_row"] is not None:
                x = np.hstack([x, np.full((len(x), 1), layer["bias_row"]["drive"])])
            current = np.zeros((len(x), layer["cols"]))
            for tile in layer["tiles"]:
                rows = slice(tile["row_start"], tile["row_stop"])
                cols = slice(tile["col_start"], tile["col_stop"])
                current[:, cols] += x[:, rows] @ g[rows, cols]
            x = activate(current * np.array(layer["scale"]) + np.array(layer["bias"]), layer["activation"])
    return x


def from_weights(out: Path, tiles: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """Logits from the weights as plain matrices."""
    tensors = load_file(out / "weights.safetensors")
    for layer in tiles["layers"]:
        z = x @ tensors[f"{layer['name']}.weight"].T + tensors[f"{layer['name']}.bias"]
        x = activate(z, layer["activation"])
    return x


def classes(logits: np.ndarray) -> np.ndarray:
    """The largest logit of every image; of those within 1e-9 of the largest |logit| the first."""
    equal = 1e-9 * np.abs(logits).max(1, keepdims=True)
    return (logits >= logits.max(1, keepdims=True) - equal).argmax(1)


def main(out: Path, images: Path, labels: Path | None) -> int:
    """Rebuild, compare, print; 0 where all agrees."""
    tiles = json.loads((out / "tiles.json").read_text(encoding="utf-8"))
    drives = dac(read_idx(images), tiles["input"])
    with np.load(out / "predictions.npz", allow_pickle=False) as written:
        expected, logits = written["predictions"], written["logits"]
    agreed = True
    for name, rebuild in (("conductances", from_conductances), ("weights", from_weights)):
        rebuilt = rebuild(out, tiles, drives)
        predictions = classes(rebuilt)
        same = int((predictions == expected).sum())
        off = float(np.abs(rebuilt - logits).max() / np.abs(logits).max())
        print(f"from the {name}: {same} of {len(expected)} predictions agree, logits within {off:.1e} of the largest")
        if labels is not None:
            print(f"  accuracy {(predictions == read_idx(labels)).mean():.4f}")
        agreed = agreed and same == len(expected)
    return 0 if agreed else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    paths = [Path(argument) for argument in sys.argv[1:]]
    raise SystemExit(main(paths[0], paths[1], paths[2] if len(paths) == 3 else None))
