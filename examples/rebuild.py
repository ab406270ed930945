"""A second implementation: the network on the chip, rebuilt from mho's files with numpy, scipy and safetensors alone.

It is long because it stands alone: nothing of mho is imported here.

    python examples/rebuild.py OUT [IMAGES [LABELS]]

OUT is what `mho compile` or `mho get` made; the test images that it was judged by are in it, as codes of the DAC. The
network is computed from the conductances of the arrays, from the plain weights and, where the chip was looked at
through its wires, from the circuit of every tile (`array` in tiles.json): all have to agree with what mho wrote, the
predictions on every image and the logits to 1e-9 of the largest of the image. Exit code 0: they do. A network with
branches is followed node by node (`graph` in tiles.json); kinds of nodes that this file knows are in `NODES`.

A sum depends on the order of its terms, by some 1e-16 of them. Where a training has gone astray that can be more than
1e-9 of a logit in which nearly all cancels, or decide which level an activation reaches: such images are counted, and
not compared. An ordinary network has none.

IMAGES is an IDX file of the same images as they were before the DAC, gzipped or not (for MNIST
t10k-images-idx3-ubyte.gz): then they are put through it here. LABELS are the labels that belong to them; without them
those of OUT are used.
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
ROUNDING = 8 * np.finfo(np.float64).eps
"""Of a sum of n terms, over sqrt(n) times the sum of their magnitudes: eight standard deviations."""
CIRCUIT = 1e-12
"""Of a current through wires, over what its two bit lines carry: two solutions of one circuit agree to this."""
IMAGES_AT_ONCE = 500
REFINEMENTS = 3
FUNCTIONS = {
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": lambda z: sigmoid(z),
    "tanh": np.tanh,
    "identity": lambda z: z,
}
Matrix = tuple[np.ndarray, np.ndarray | float]
"""Products of an array, (rows, cols), and by how much they may be others."""


@dataclass(frozen=True)
class Comparison:
    """One way to compute the network, against what mho wrote.

    Attributes:
        name: of the way.
        images: how many there are.
        undecided: how many of them roundings decide about; they are not compared.
        same: on how many of the others the predictions agree.
        off: largest difference of their logits, over the largest |logit| of the image.
        predictions: class of every image.
    """

    name: str
    images: int
    undecided: int
    same: int
    off: float
    predictions: np.ndarray

    @property
    def agrees(self) -> bool:
        """Every prediction, and the logits to 1e-9."""
        return self.same == self.images - self.undecided and self.off <= AGREEMENT


@dataclass(frozen=True)
class Known:
    """Numbers, and how well they are known.

    Attributes:
        value: as computed here, images first.
        error: by how much another order of the same sums may change them.
        undecided: images of which some level may be another one, in another order.
    """

    value: np.ndarray
    error: np.ndarray
    undecided: np.ndarray

    def shaped(self, change: Callable[[np.ndarray], np.ndarray]) -> Known:
        """The same numbers in other places."""
        return Known(change(self.value), change(self.error), self.undecided)


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


def activate(z: Known, activation: dict[str, Any] | None) -> Known:
    """The function, then the level whose threshold was reached."""
    if activation is None:
        return z
    output = FUNCTIONS[activation["function"]](z.value)
    # None of the functions is steeper than 1.
    error = z.error + ROUNDING * np.abs(output)
    if activation["levels"] is None:
        return Known(output, error, z.undecided)
    levels, thresholds = np.array(activation["levels"]), activation["thresholds"]
    low, level, high = (np.searchsorted(thresholds, each, "right") for each in (output - error, output, output + error))
    either = (low != high).reshape(len(output), -1).any(1)
    return Known(levels[level], np.zeros_like(output), z.undecided | either)


def unfold(x: np.ndarray, window: dict[str, Any]) -> np.ndarray:
    """The pixels under the kernel at every position, (images, *positions, channels x pixels of the kernel)."""
    images = x.reshape(len(x), *window["in_shape"])
    directions = images.ndim - 2
    kernel, stride, dilation = (along_each(window.get(key, 1), directions) for key in ("kernel", "stride", "dilation"))
    margins = [along_each(margin, 2) for margin in along_each(window["padding"], directions)]
    padded = np.pad(images, [(0, 0), (0, 0), *margins])
    span = [step * (length - 1) + 1 for length, step in zip(kernel, dilation, strict=True)]
    patches = np.lib.stride_tricks.sliding_window_view(padded, span, axis=tuple(range(2, 2 + directions)))
    patches = patches[(slice(None), slice(None), *(slice(None, None, step) for step in (*stride, *dilation)))]
    return np.moveaxis(patches, 1, 1 + directions).reshape(len(x), *patches.shape[2 : 2 + directions], -1)


def along_each(value: Any, directions: int) -> list[Any]:
    """Numbers of a window: a single one holds for all directions, or for both ends of one."""
    return list(value) if isinstance(value, list) else [value] * directions


def pool(z: Known, kind: str, size: list[int], stride: list[int], padding: list[int]) -> Known:
    """Largest value or mean of every square of a map (images, channels, *positions)."""
    axes = tuple(range(2, z.value.ndim))
    margins = [(0, 0), (0, 0), *((pad, pad) for pad in padding)]

    def squares(x: np.ndarray, filling: float) -> np.ndarray:
        views = np.lib.stride_tricks.sliding_window_view(np.pad(x, margins, constant_values=filling), size, axis=axes)
        return views[(slice(None), slice(None), *(slice(None, None, step) for step in stride))]

    within = tuple(axis + len(axes) for axis in axes)
    # The largest of a square may come from any of its places; a padded one is never the largest.
    if kind == "max":
        largest, error = squares(z.value, -np.inf).max(within), squares(z.error, 0.0).max(within)
        return Known(largest, error, z.undecided)
    rounding = ROUNDING * squares(np.abs(z.value), 0.0).mean(within)
    return Known(squares(z.value, 0.0).mean(within), squares(z.error, 0.0).mean(within) + rounding, z.undecided)


def by_layer(x: Known, layer: dict[str, Any], matrix: np.ndarray, unsure: np.ndarray | float = 0.0) -> Known:
    """One layer of a chain: its sums, pooling, activation.

    Args:
        x: outputs of the layer before.
        layer: from tiles.json.
        matrix: (rows, cols), whose products get the layer's scale and bias.
        unsure: by how much its entries may be others.
    """
    z, window = sums(x, layer, matrix, unsure), layer["window"]
    if window is not None and window["pool"] is not None:
        edge = [window["pool"]["size"]] * (z.value.ndim - 2)
        z = pool(z, window["pool"]["type"], edge, edge, [0] * len(edge))
    return activate(z, layer["activation"])


def sums(x: Known, layer: dict[str, Any], matrix: np.ndarray, unsure: np.ndarray | float) -> Known:
    """The linear map of a layer, of a convolution position by position, (images, cols, *positions)."""
    window = layer["window"]
    if window is None:
        return linear(x.shaped(lambda each: each.reshape(len(each), -1)), layer, matrix, unsure)
    patches = x.shaped(lambda each: unfold(each, window))
    positions = patches.value.shape[:-1]
    z = linear(patches.shaped(lambda each: each.reshape(-1, each.shape[-1])), layer, matrix, unsure)
    return z.shaped(lambda each: np.moveaxis(each.reshape(*positions, -1), -1, 1))


def linear(x: Known, layer: dict[str, Any], matrix: np.ndarray, unsure: np.ndarray | float) -> Known:
    """scale_j sum_i x_i m_ij + bias_j, the tiles one after the other; with a bias row it is the last word line."""
    groups = (layer["window"] or {}).get("groups", 1)
    drives = on_lines(x.value.reshape(len(x.value), groups, -1), layer, signs=True)
    error = on_lines(x.error.reshape(len(x.error), groups, -1), layer, signs=False)
    if layer["bias_row"] is not None:
        ones = np.ones((len(drives), groups, 1))
        drives = np.concatenate([drives, layer["bias_row"]["drive"] * ones], 2)
        error = np.concatenate([error, 0 * ones], 2)
    scale, bias = np.array(layer["scale"]), np.array(layer["bias"])
    current = product(drives, matrix, layer)
    terms = ROUNDING * len(matrix) ** 0.5 * np.abs(matrix) + unsure
    errors = product(np.abs(drives), terms, layer) + product(error, np.abs(matrix), layer)
    return Known(current * scale + bias, errors * np.abs(scale) + ROUNDING * np.abs(bias), x.undecided)


def product(drives: np.ndarray, matrix: np.ndarray, layer: dict[str, Any]) -> np.ndarray:
    """Sum over the tiles: the columns of each see the drives (products, groups, rows) of their own group."""
    found, width = np.zeros((len(drives), layer["cols"])), layer["cols"] // drives.shape[1]
    for rows, cols in places(layer):
        for start in range(cols.start, cols.stop, width):
            own = slice(start, min(start + width, cols.stop))
            found[:, own] += drives[:, start // width, rows] @ matrix[rows, own]
    return found


def on_lines(x: np.ndarray, layer: dict[str, Any], *, signs: bool) -> np.ndarray:
    """The inputs on their word lines; on pairs of lines the positive ones on the first, the negative on the second."""
    second = second_lines(layer)
    if second is None:
        return x
    lines = np.empty((*x.shape[:2], 2 * x.shape[2]))
    first = np.setdiff1d(np.arange(lines.shape[2]), second)
    lines[..., first], lines[..., second] = (np.maximum(x, 0.0), np.minimum(x, 0.0)) if signs else (x, x)
    return lines


def second_lines(layer: dict[str, Any]) -> list[int] | None:
    """Word lines on which the components of every pair of cells change places; None: there are none."""
    drive = layer.get("drive")
    return None if drive is None else drive["second_lines"]


def network(x: Known, tiles: dict[str, Any], layers: list[dict[str, Any]], matrices: list[Matrix]) -> Known:
    """Logits: one layer after the other, or node by node where tiles.json has a graph.

    Args:
        x: drives of the first word lines.
        tiles: the document.
        layers: of it, or the same with other scales and biases.
        matrices: one for each layer.
    """
    if "graph" not in tiles:
        for layer, (matrix, unsure) in zip(layers, matrices, strict=True):
            x = by_layer(x, layer, matrix, unsure)
        return x
    arrays = {layer["name"]: (layer, *matrix) for layer, matrix in zip(layers, matrices, strict=True)}
    shape, nodes = tiles["graph"]["input_shape"], tiles["graph"]["nodes"]
    values = {"input": x.shaped(lambda each: each.reshape(len(each), *shape))}
    last_reader = {name: node["name"] for node in nodes for name in node["inputs"]}
    for node in nodes:
        read = [values[name] for name in node["inputs"]]
        if node["kind"] in ARRAYS:
            values[node["name"]] = ARRAYS[node["kind"]](node, read[0], *arrays[node["name"]])
        else:
            values[node["name"]] = NODES[node["kind"]](node, *read)
        for name in set(node["inputs"]):
            if last_reader[name] == node["name"]:
                del values[name]
    return values[nodes[-1]["name"]]


def lstm(
    node: dict[str, Any], x: Known, layer: dict[str, Any], matrix: np.ndarray, unsure: np.ndarray | float
) -> Known:
    """States of all steps, or the last one: inputs and state drive one array, step after step."""
    channels, steps = x.value.shape[1:]
    once, units = {**layer, "window": None}, layer["cols"] // 4
    zeros = np.zeros((len(x.value), units))
    cell, state, states = Known(zeros, zeros, x.undecided), Known(zeros, zeros, x.undecided), []
    for step in range(steps):
        now = x.shaped(lambda each, step=step: each[:, :channels, step])
        z = linear(concat(node, now, state), once, matrix, unsure)
        gates = [z.shaped(lambda each, k=k: each[:, k * units : (k + 1) * units]) for k in range(4)]
        i, f, o = (activate(gates[k], {"function": "sigmoid", "levels": None}) for k in (0, 1, 3))
        g = activate(gates[2], {"function": "tanh", "levels": None})
        cell = add(node, multiplied(f, cell), multiplied(i, g))
        state = activate(multiplied(o, activate(cell, {"function": "tanh", "levels": None})), node)
        states.append(state)
    if len(node["shape"]) == 1:
        return state
    value, error = (np.stack([getattr(each, key) for each in states], 2) for key in ("value", "error"))
    return Known(value, error, state.undecided)


def multiplied(one: Known, other: Known) -> Known:
    """Product, element by element."""
    value = one.value * other.value
    error = one.error * np.abs(other.value) + other.error * np.abs(one.value) + ROUNDING * np.abs(value)
    return Known(value, error, one.undecided | other.undecided)


def normalize(node: dict[str, Any], x: Known) -> Known:
    """scale x + offset, channel by channel."""
    scale, offset = (np.array(node[key]).reshape(-1, *(1 for _ in x.value.shape[2:])) for key in ("scale", "offset"))
    scaled = scale * x.value
    error = np.abs(scale) * x.error + ROUNDING * (np.abs(scaled) + np.abs(offset))
    return Known(scaled + offset, error, x.undecided)


def global_pool(node: dict[str, Any], x: Known) -> Known:
    """Largest value or mean of a whole map."""
    size = list(x.value.shape[2:])
    pooled = pool(x, node["type"], size, [1] * len(size), [0] * len(size))
    return pooled.shaped(lambda each: each.reshape(len(each), -1))


def add(node: dict[str, Any], one: Known, other: Known) -> Known:
    """Sum of two branches."""
    total = one.value + other.value
    return Known(total, one.error + other.error + ROUNDING * np.abs(total), one.undecided | other.undecided)


def concat(node: dict[str, Any], *x: Known) -> Known:
    """Channels of all branches, one after the other."""
    value, error = (np.concatenate([getattr(each, key) for each in x], 1) for key in ("value", "error"))
    return Known(value, error, np.any([each.undecided for each in x], axis=0))


def hard_swish(node: dict[str, Any], x: Known) -> Known:
    """x min(max(x + 3, 0), 6) / 6, nowhere steeper than 1.5."""
    output = x.value * np.clip(x.value + 3, 0, 6) / 6
    return Known(output, 1.5 * x.error + ROUNDING * np.abs(output), x.undecided)


def shaped(node: dict[str, Any], x: Known) -> Known:
    """The same numbers in the shape of the node."""
    return x.shaped(lambda each: each.reshape(len(each), *node["shape"]))


ARRAYS: dict[str, Callable[..., Known]] = {
    "product": lambda node, x, layer, matrix, unsure: sums(x, layer, matrix, unsure),
    "lstm": lstm,
}
"""Nodes with an array, by kind."""
NODES: dict[str, Callable[..., Known]] = {
    "normalize": normalize,
    "activate": lambda node, x: activate(x, node),
    "pool": lambda node, x: pool(x, node["type"], node["size"], node["stride"], node["padding"]),
    "global_pool": global_pool,
    "add": add,
    "concat": concat,
    "flatten": shaped,
    "reshape": shaped,
    "transpose": lambda node, x: x.shaped(lambda each: each.transpose(0, *(axis + 1 for axis in node["axes"]))),
    "hard_swish": hard_swish,
}
"""Digital operations by kind of node: what each does with its fields and what it reads."""


def places(layer: dict[str, Any]) -> list[tuple[slice, slice]]:
    """Rows and columns of every tile."""
    return [
        (slice(tile["row_start"], tile["row_stop"]), slice(tile["col_start"], tile["col_stop"]))
        for tile in layer["tiles"]
    ]


def through_wires(
    g_pos: np.ndarray, g_neg: np.ndarray, layer: dict[str, Any], lines: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Current of every pair of bit lines over the voltage of every word line, S, and how well it is known.

    Each tile is a circuit of its own.
    """
    found, carried = np.empty_like(g_pos), np.empty_like(g_pos)
    idle = layer.get("packing", {}).get("idle")
    groups = (layer["window"] or {}).get("groups", 1)
    second = second_lines(layer) or []
    g_pos, g_neg = g_pos.copy(), g_neg.copy()
    g_pos[second], g_neg[second] = g_neg[second], g_pos[second]
    for rows, cols in places(layer):
        shared = max(1, (cols.stop - cols.start) * groups // layer["cols"])
        pos, neg = g_pos[rows, cols], g_neg[rows, cols]
        if shared > 1:
            pos, neg = diagonal(pos, shared, idle["g_pos"]), diagonal(neg, shared, idle["g_neg"])
        if lines["pair_layout"] == "interleaved":
            both = transfer(np.stack([pos, neg], axis=-1).reshape(len(pos), -1), lines)
            pos, neg = both[:, 0::2], both[:, 1::2]
        else:
            pos, neg = transfer(pos, lines), transfer(neg, lines)
        if shared > 1:
            pos, neg = (own_rows(each, shared) for each in (pos, neg))
        found[rows, cols], carried[rows, cols] = pos - neg, np.abs(pos) + np.abs(neg)
    found[second] *= -1.0
    return found, CIRCUIT * carried


def diagonal(g: np.ndarray, groups: int, idle: float) -> np.ndarray:
    """A tile of several groups, each with word lines of its own, and idle cells beside them."""
    (rows, cols), width = g.shape, g.shape[1] // groups
    tile = np.full((groups * rows, cols), idle)
    for group in range(groups):
        own = slice(group * width, (group + 1) * width)
        tile[group * rows : (group + 1) * rows, own] = g[:, own]
    return tile


def own_rows(tile: np.ndarray, groups: int) -> np.ndarray:
    """What the columns of each group give for the word lines of that group: those of all others rest at 0 V."""
    parts = zip(np.split(tile, groups, 0), range(groups), strict=True)
    return np.hstack([np.split(part, groups, 1)[group] for part, group in parts])


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


def plain_weights(
    layers: list[dict[str, Any]], tensors: dict[str, np.ndarray]
) -> tuple[list[dict[str, Any]], list[Matrix]]:
    """Layers and products as the weights say; a kernel (out, in, height, width) is one row per output channel.

    With groups `in` are the channels of one of them.
    """
    biases = [tensors[f"{layer['name']}.bias"] for layer in layers]
    weights = [tensors[f"{layer['name']}.weight"] for layer in layers]
    plain = [
        {**layer, "bias_row": None, "drive": None, "scale": 1.0, "bias": bias}
        for layer, bias in zip(layers, biases, strict=True)
    ]
    return plain, [(weight.reshape(len(weight), -1).T, 0.0) for weight in weights]


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
    layers = tiles["layers"]
    with np.load(out / "predictions.npz", allow_pickle=False) as arrays:
        written = dict(arrays)
    with np.load(out / "conductances.npz", allow_pickle=False) as arrays:
        g = [(arrays[f"{layer['name']}/g_pos"], arrays[f"{layer['name']}/g_neg"]) for layer in layers]
    differences: list[Matrix] = [(pos - neg, 0.0) for pos, neg in g]
    plain, weights = plain_weights(layers, load_file(out / "weights.safetensors"))
    ways: list[tuple[str, str, Callable[[Known], Known]]] = [
        ("conductances", "", partial(network, tiles=tiles, layers=layers, matrices=differences)),
        ("weights", "", partial(network, tiles=tiles, layers=plain, matrices=weights)),
    ]
    if "logits_with_wires" in written:
        pairs = zip(g, layers, strict=True)
        wired = [through_wires(pos, neg, layer, tiles["array"]) for (pos, neg), layer in pairs]
        forward = partial(network, tiles=tiles, layers=layers, matrices=wired)
        ways.append(("conductances with wires", "_with_wires", forward))
    codes = written["codes"] if images is None else dac(images, tiles["input"])
    drives = codes * tiles["input"]["lsb"]
    return [
        against(name, forward, drives, written[f"logits{which}"][: len(drives)], predicted_classes(written, which))
        for name, which, forward in ways
    ]


def predicted_classes(written: dict[str, np.ndarray], which: str) -> np.ndarray:
    """The classes that mho wrote; outputs that stand for none, as an autoencoder's, have them only to be compared."""
    found = written.get(f"predictions{which}")
    return classes(written[f"logits{which}"]) if found is None else found


def against(
    name: str, forward: Callable[[Known], Known], drives: np.ndarray, expected: np.ndarray, predicted: np.ndarray
) -> Comparison:
    """One way to compute the logits, against those that mho wrote."""
    parts = (drives[i : i + IMAGES_AT_ONCE] for i in range(0, len(drives), IMAGES_AT_ONCE))
    found = [forward(Known(part, np.zeros_like(part), np.zeros(len(part), bool))) for part in parts]
    logits, error, undecided = (
        np.concatenate([getattr(each, key) for each in found]) for key in ("value", "error", "undecided")
    )
    largest = np.maximum(np.abs(expected).max(1), np.finfo(np.float64).tiny)
    # Each of the two may be off by the error.
    undecided |= error.max(1) > AGREEMENT / 2 * largest
    off, predictions = np.abs(logits - expected).max(1) / largest, classes(logits)
    return Comparison(
        name,
        len(drives),
        int(undecided.sum()),
        int((predictions == predicted[: len(drives)])[~undecided].sum()),
        float(off[~undecided].max(initial=0.0)),
        predictions,
    )


def main(out: Path, images: Path | None = None, labels: Path | None = None) -> int:
    """Rebuild, compare, print; 0 where all agrees."""
    with np.load(out / "predictions.npz", allow_pickle=False) as written:
        expected = written["labels"] if labels is None else read_idx(labels)
        classified = "predictions" in written
    found = compare(out, None if images is None else read_idx(images))
    for each in found:
        agree = f"{each.same} of {each.images - each.undecided} predictions agree"
        print(f"from the {each.name}: {agree}, logits within {each.off:.1e} of the largest of the image")
        if each.undecided:
            print(f"  not compared: {each.undecided} images that roundings decide about")
        if classified:
            print(f"  accuracy {(each.predictions == expected[: each.images]).mean():.4f}")
    return 0 if all(each.agrees for each in found) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4):
        raise SystemExit(__doc__)
    if not Path(sys.argv[1], "predictions.npz").is_file():
        raise SystemExit(
            f"{sys.argv[1]}: no predictions.npz there; OUT is a folder that `mho compile` or `mho get` made"
        )
    raise SystemExit(main(*map(Path, sys.argv[1:])))
