"""netlist/<layer>_<i>_<j>.sp: tiles of the network as circuits, with the voltages of one image on their word lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar import as_designed, layer_drives
from hwcore.export.file import filled
from hwcore.export.netlist import netlist
from hwcore.export.results import Results
from hwcore.mapping import Components, MappedLayer, MappedNetwork
from hwcore.spec import Hardware, Netlists
from hwcore.wires import Wires, on_diagonal

VOLT: float = 1.0
"""Read voltage, V, where the description has none."""
COUNTS: Mapping[Netlists, int | None] = {"none": 0, "one_per_layer": 1, "all": None}
"""Tiles of each array that a job asks for, the fullest first; None: all of them."""


def write_netlists(path: Path, results: Results) -> None:
    """Write the netlists that the job asks for, with the voltages of the first test image.

    Args:
        path: a pattern, filled with the name of each tile.
        results: the network, the description, and the first of the test images.
    """
    network, test = results.network, results.test
    drives = layer_drives(network, as_designed(network), test.codes[:1].cpu(), test.lsb)
    for name, text in netlists(network, results.job.described_hardware, drives, which=results.job.netlists):
        filled(path, name).write_text(text, encoding="utf-8")


def netlists(
    network: MappedNetwork,
    hardware: Hardware,
    drives: Mapping[str, Float64[Tensor, "_products _drives"]],
    *,
    which: Netlists = "one_per_layer",
) -> Iterator[tuple[str, str]]:
    """Make tiles for ngspice, under the names of tiles.json: cells as designed, lines as the description has them.

    V_i = read_voltage x_i / x_max: word line i of the tile, with the largest drive x_max of its layer at the read
    voltage, 1 V where the description says none; where nothing limits the drives, the largest of this image. A
    convolution sees the image position by position: these are the drives of the one in the middle of its map, where
    the kernel stands on the image and not on its margin. The lines are those of a tile in the corner of its array
    next to drivers and sense amplifiers (docs/explanation/wires.md).

    Args:
        network: as mapped.
        hardware: the size of an array, its lines, the layout of a pair and the read voltage.
        drives: of the word lines of every layer, group after group, by its name, for one image, without unit: one
            product, or one for every position of a convolution, row after row.
        which: none, the first tile of every layer, or all of them.

    Returns:
        Name and text of each tile.

    Raises:
        ValueError: drives of other layers, or of another number of positions or word lines.
    """
    names = [layer.name for layer in network.layers]
    if set(drives) != set(names):
        raise ValueError(f"drives: got those of {', '.join(drives) or 'no layer'}; allowed: {', '.join(names)}")
    wires, layout = Wires.described(hardware.array), hardware.array.pair_layout or "separate"
    read_voltage = hardware.array.read_voltage or VOLT
    for layer in network.layers:
        products, limit = drives[layer.name], layer.drive.limit
        x_max = float(products.abs().max()) if limit is None else limit
        # An image that drives nothing has a largest drive of zero.
        volts = _one_product(layer, products) * (read_voltage / (x_max or 1.0))
        for array in layer.arrays:
            on_lines, lines = array.on_bit_lines(array.pairs.g), array.voltages(volts)
            for name, rows, cols in itertools.islice(array.tiles(), COUNTS[which]):
                title = f"tile {name}" if limit is not None else f"tile {name}, x_max {x_max:.17g}"
                g, driven = on_lines[rows, cols], lines[cols.start // array.grid.width][rows]
                shared = array.grid.groups_on(cols.stop - cols.start)
                if shared > 1:
                    title += f", the first of {shared} groups is read"
                    idle = network.g_min_pos, network.g_min_neg
                    g = Components(*(on_diagonal(side, shared, each) for side, each in zip(g, idle, strict=True)))
                    driven = torch.cat([driven, torch.zeros(len(g.pos) - len(driven), dtype=driven.dtype)])
                yield name, netlist(g, driven, wires, layout, title=title)


def _one_product(layer: MappedLayer, products: Float64[Tensor, "products drives"]) -> Float64[Tensor, "groups rows"]:
    expected = (layer.plan.positions, layer.drives)
    if tuple(products.shape) != expected:
        raise ValueError(f"drives: got {tuple(products.shape)} for {layer.name}; allowed: {expected}")
    return products[layer.plan.window.middle].reshape(-1, layer.rows)
