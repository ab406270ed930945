"""A second implementation: the network on the chip, rebuilt from mho's files with numpy, scipy and safetensors alone.

    python examples/rebuild.py OUT [IMAGES [LABELS]]

OUT is what `mho compile` or `mho get` made; the test images that it was judged by are in it, as codes of the DAC. The
network is computed from the conductances of the arrays, from the plain weights and, where the chip was looked at
through its wires, from the circuit of every tile (`array` in tiles.json): all have to agree with what mho wrote, the
predictions on every image and the logits to 1e-9 of the largest of the image. Exit code 0: they do.

IMAGES is an IDX file of the same images as they were before the DAC, gzipped or not (for MNIST
t10k-images-idx3-ubyte.gz): then they are put through it here. LABELS are the labels that belong to them; without them
those of OUT are used. Nothing of mho is imported here.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from scipy.sparse import coo_array, csc_array, csr_array, diags_array
from scipy.sparse.linalg import splu

AGREEMENT = 1e-9
"""Largest difference of logits, over the largest |logit| of the image."""
IMAGES_AT_ONCE = 500
REFINEMENTS = 3
FUNCTIONS = {"relu": lambda z: np.maximum(z, 0.0), "sigmoid": lambda z: sigmoid(z), "tanh": np.tanh}


@dataclass(frozen=True)
class Comparison:
    """One way to compute the network, against what mho wrote.

    Attributes:
        name: of the way.
        images: how many were compared.
        same: on how many of them the predictions agree.
        off: largest difference of logits, over the largest |logit| of the image.
        predictions: class of every image.
    """

    name: str
    images: int
    same: int
    off: float
    predictions: np.ndarray

    @property
    def agrees(self) -> bool:
        """Every prediction, and the logits to 1e-9."""
        return self.same == self.images and self.off <= AGREEMENT


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-z), without an overflow on either side."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def read_idx(path: Path) -> np.ndarray:
    """One IDX file of bytes."""
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">u4", dimensions, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def dac(images: np.ndarray, converter: dict[str, Any]) -> np.ndarray:
    """Codes of the first DAC: half a step rounds up."""
    full_scale, steps = converter["pixel_full_scale"], converter["codes"] - 1
    pixels = images.reshape(len(images), -1).astype(np.int64)
    return (2 * steps * pixels + full_scale) // (2 * full_scale)


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


def from_matrices(x: np.ndarray, tiles: dict[str, Any], matrices: list[np.ndarray]) -> np.ndarray:
    """Logits from the arrays: for every tile the currents of its bit lines, added digitally, scaled, biased."""
    for layer, g in zip(tiles["layers"], matrices, strict=True):
        x = by_layer(x, layer, partial(array, layer=layer, g=g))
    return x


def array(drives: np.ndarray, layer: dict[str, Any], g: np.ndarray) -> np.ndarray:
    """The outputs of one layer's tiles, added, scaled and biased."""
    if layer["bias_row"] is not None:
        drives = np.hstack([drives, np.full((len(drives), 1), layer["bias_row"]["drive"])])
    current = np.zeros((len(drives), layer["cols"]))
    for rows, cols in places(layer):
        current[:, cols] += drives[:, rows] @ g[rows, cols]
    return current * np.array(layer["scale"]) + np.array(layer["bias"])


def places(layer: dict[str, Any]) -> list[tuple[slice, slice]]:
    """Rows and columns of every tile."""
    return [
        (slice(tile["row_start"], tile["row_stop"]), slice(tile["col_start"], tile["col_stop"]))
        for tile in layer["tiles"]
    ]


def through_wires(g_pos: np.ndarray, g_neg: np.ndarray, layer: dict[str, Any], lines: dict[str, Any]) -> np.ndarray:
    """Current of every pair of bit lines over the voltage of every word line, S; each tile is a circuit of its own."""
    found = np.empty_like(g_pos)
    for rows, cols in places(layer):
        pos, neg = g_pos[rows, cols], g_neg[rows, cols]
        if lines["pair_layout"] == "interleaved":
            both = transfer(np.stack([pos, neg], axis=-1).reshape(len(pos), -1), lines)
            found[rows, cols] = both[:, 0::2] - both[:, 1::2]
        else:
            found[rows, cols] = transfer(pos, lines) - transfer(neg, lines)
    return found


def transfer(g: np.ndarray, lines: dict[str, Any]) -> np.ndarray:
    """Currents at the sense amplifiers with 1 V on one word line after the other, by Kirchhoff's law at every node.

    The circuit is that of docs/explanation/wires.md. Nodes without resistance between them are one. The solution is
    refined with the currents that are left over, in the longest floating-point numbers of the machine: a segment of a
    milliohm beside a cell of a megohm would otherwise cost half of the digits.
    """
    rows, cols = g.shape
    segment = lines["wire_resistance"]
    first, last = lines["driver_resistance"] + segment["word"], segment["bit"] + lines["sense_resistance"]
    sources, ground, cells = np.arange(rows), rows, np.arange(rows * cols).reshape(rows, cols)
    word = sources[:, None] if first == 0 else rows + 1 + (sources[:, None] if segment["word"] == 0 else cells)
    bits = int(word.max()) + 1 if first else rows + 1
    bit = np.array([[ground]]) if last == 0 else bits + (np.arange(cols)[None] if segment["bit"] == 0 else cells)
    word, bit = np.broadcast_to(word, g.shape), np.broadcast_to(bit, g.shape)
    branches = [
        (sources, word[:, 0], first),
        (word[:, :-1], word[:, 1:], segment["word"]),
        (bit[:-1], bit[1:], segment["bit"]),
        (bit[-1], np.full(cols, ground), last),
    ]
    exact = np.longdouble
    conductances = [(a, b, np.full(a.shape, 1 / exact(ohm))) for a, b, ohm in branches if ohm > 0]
    conductances.append((word, bit, g.astype(exact)))
    a, b, conductance = (np.concatenate([each[k].ravel() for each in conductances]) for k in range(3))
    count, number, one = max(int(word.max()), int(bit.max()), ground) + 1, np.arange(len(a)), np.ones(len(a), exact)
    across = csr_array(coo_array((np.r_[one, -one], (np.r_[number, number], np.r_[a, b])), shape=(len(a), count)))
    potential = np.zeros((count, rows), exact)
    potential[sources, sources] = 1.0
    unknown = np.arange(rows + 1, count)
    if len(unknown):
        rounded = across.astype(np.float64)
        laplacian = (rounded.T @ diags_array(conductance.astype(np.float64)) @ rounded)[unknown][:, unknown]
        factors = splu(csc_array(laplacian))
        for _ in range(1 + REFINEMENTS):
            surplus = across.T @ (conductance[:, None] * (across @ potential))
            potential[unknown] -= factors.solve(surplus[unknown].astype(np.float64))
    # What arrives at a sense amplifier is what the cells of its bit line carry.
    voltage = (potential[word] - potential[bit]).transpose(2, 0, 1)
    return (g * voltage).sum(1).astype(np.float64)


def from_weights(x: np.ndarray, tiles: dict[str, Any], tensors: dict[str, np.ndarray]) -> np.ndarray:
    """Logits from the weights as plain matrices; a kernel (out, in, height, width) is one row per output channel."""
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


def compare(out: Path, images: np.ndarray | None = None) -> list[Comparison]:
    """Compute the network in every way that the files allow.

    Args:
        out: folder of the artifacts.
        images: pixels of the test images; None: the codes that are in the folder.
    """
    tiles = json.loads((out / "tiles.json").read_text(encoding="utf-8"))
    with np.load(out / "predictions.npz", allow_pickle=False) as arrays:
        written = dict(arrays)
    with np.load(out / "conductances.npz", allow_pickle=False) as arrays:
        g = [(arrays[f"{layer['name']}/g_pos"], arrays[f"{layer['name']}/g_neg"]) for layer in tiles["layers"]]
    ways: list[tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = [
        ("conductances", "", partial(from_matrices, tiles=tiles, matrices=[pos - neg for pos, neg in g])),
        ("weights", "", partial(from_weights, tiles=tiles, tensors=load_file(out / "weights.safetensors"))),
    ]
    if "logits_with_wires" in written:
        pairs = zip(g, tiles["layers"], strict=True)
        wired = [through_wires(pos, neg, layer, tiles["array"]) for (pos, neg), layer in pairs]
        ways.append(("conductances with wires", "_with_wires", partial(from_matrices, tiles=tiles, matrices=wired)))
    codes = written["codes"] if images is None else dac(images, tiles["input"])
    drives = codes * tiles["input"]["lsb"]
    found = []
    for name, which, forward in ways:
        parts = range(0, len(drives), IMAGES_AT_ONCE)
        logits = np.concatenate([forward(drives[i : i + IMAGES_AT_ONCE]) for i in parts])
        expected, predicted = (written[f"{key}{which}"][: len(drives)] for key in ("logits", "predictions"))
        largest = np.maximum(np.abs(expected).max(1, keepdims=True), np.finfo(np.float64).tiny)
        off, predictions = float((np.abs(logits - expected) / largest).max()), classes(logits)
        found.append(Comparison(name, len(drives), int((predictions == predicted).sum()), off, predictions))
    return found


def main(out: Path, images: Path | None = None, labels: Path | None = None) -> int:
    """Rebuild, compare, print; 0 where all agrees."""
    with np.load(out / "predictions.npz", allow_pickle=False) as written:
        expected = written["labels"] if labels is None else read_idx(labels)
    found = compare(out, None if images is None else read_idx(images))
    for each in found:
        agree = f"{each.same} of {each.images} predictions agree"
        print(f"from the {each.name}: {agree}, logits within {each.off:.1e} of the largest of the image")
        print(f"  accuracy {(each.predictions == expected[: each.images]).mean():.4f}")
    return 0 if all(each.agrees for each in found) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4):
        raise SystemExit(__doc__)
    raise SystemExit(main(*map(Path, sys.argv[1:])))
