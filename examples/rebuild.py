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
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

IMAGES_AT_ONCE = 500
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


def unfold(x: np.ndarray, window: dict[str, Any]) -> np.ndarray:
    """The pixels under the kernel at every position, (images, height, width, channels x kernel x kernel)."""
    images = x.reshape(len(x), *window["in_shape"])
    margin, kernel, stride = window["padding"], window["kernel"], window["stride"]
    padded = np.pad(images, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    patches = patches[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
    return patches.reshape(*patches.shape[:3], -1)


def pool(z: np.ndarray, window: dict[str, Any]) -> np.ndarray:
    """From (images, height, width, channels) to (images, channels, height, width), every square its largest or mean."""
    maps = z.transpose(0, 3, 1, 2)
    if window["pool"] is None:
        return maps
    size, (channels, height, width) = window["pool"]["size"], window["out_shape"]
    squares = maps[:, :, : height * size, : width * size].reshape(len(z), channels, height, size, width, size)
    return squares.max((3, 5)) if window["pool"]["type"] == "max" else squares.mean((3, 5))


def by_layer(x: np.ndarray, layer: dict[str, Any], linear: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """One layer: its inputs, position by position if it is a convolution, the linear map, pooling, activation."""
    window = layer["window"]
    if window is None:
        return activate(linear(x.reshape(len(x), -1)), layer["activation"])
    patches = unfold(x, window)
    z = linear(patches.reshape(-1, patches.shape[-1])).reshape(*patches.shape[:3], -1)
    return activate(pool(z, window), layer["activation"])


def from_conductances(out: Path, tiles: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """Logits from the arrays: for every tile the currents of its bit lines, added digitally, scaled, biased."""
    with np.load(out / "conductances.npz", allow_pickle=False) as arrays:
        differences = [arrays[f"{layer['name']}/g_pos"] - arrays[f"{layer['name']}/g_neg"] for layer in tiles["layers"]]
    for layer, g in zip(tiles["layers"], differences, strict=True):
        x = by_layer(x, layer, partial(array, layer=layer, g=g))
    return x


def array(drives: np.ndarray, layer: dict[str, Any], g: np.ndarray) -> np.ndarray:
    """The outputs of one layer's tiles, added, scaled and biased."""
    if layer["bias_row"] is not None:
        drives = np.hstack([drives, np.full((len(drives), 1), layer["bias_row"]["drive"])])
    current = np.zeros((len(drives), layer["cols"]))
    for tile in layer["tiles"]:
        rows = slice(tile["row_start"], tile["row_stop"])
        cols = slice(tile["col_start"], tile["col_stop"])
        current[:, cols] += drives[:, rows] @ g[rows, cols]
    return current * np.array(layer["scale"]) + np.array(layer["bias"])


def from_weights(out: Path, tiles: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """Logits from the weights as plain matrices; a kernel (out, in, height, width) is one row per output channel."""
    tensors = load_file(out / "weights.safetensors")
    for layer in tiles["layers"]:
        weight, bias = tensors[f"{layer['name']}.weight"], tensors[f"{layer['name']}.bias"]
        x = by_layer(x, layer, partial(matrix, weight=weight.reshape(len(weight), -1), bias=bias))
    return x


def matrix(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """One layer as torch has it, (out, in)."""
    return x @ weight.T + bias


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
        parts = range(0, len(drives), IMAGES_AT_ONCE)
        rebuilt = np.concatenate([rebuild(out, tiles, drives[i : i + IMAGES_AT_ONCE]) for i in parts])
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
