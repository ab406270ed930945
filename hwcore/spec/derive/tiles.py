"""Tiles that a matrix of weights is cut into, and the area of the chip that a network takes."""

from dataclasses import dataclass

from hwcore.spec.derive.drive import Drive
from hwcore.spec.derive.plan import LayerPlan
from hwcore.spec.graph.drives import graph_drives
from hwcore.spec.graph.graph import Graph
from hwcore.spec.hardware.array import Array
from hwcore.spec.hardware.hardware import Hardware


@dataclass(frozen=True)
class TileGrid:
    """Cuts of a matrix: half-open ranges (start, stop) of its rows and of its columns, without gaps.

    Attributes:
        row_blocks: of the rows; with groups, of those of each.
        col_blocks: of the columns; with groups, a block has columns of one of them, or all columns of several.
        groups: of columns, as many in each: the drives of the rows are those of the group.
    """

    row_blocks: tuple[tuple[int, int], ...]
    col_blocks: tuple[tuple[int, int], ...]
    groups: int = 1

    @property
    def count(self) -> int:
        """Number of tiles; each is a pair of arrays, one positive and one negative."""
        return len(self.row_blocks) * len(self.col_blocks)

    @property
    def width(self) -> int:
        """Columns of a group."""
        return self.col_blocks[-1][1] // self.groups

    def groups_on(self, cols: int) -> int:
        """Number of groups on a tile with so many columns, each with word lines of its own there."""
        return max(1, cols // self.width)


def tile_grid(rows: int, cols: int, array: Array, groups: int = 1) -> TileGrid:
    """Cut a matrix of rows x cols into blocks that fit the array; only the last of each kind may be smaller.

    The groups of a layer have arrays of their own: a word line of an array has one drive, and the groups have
    different ones. Then it is the last block of columns of each group that may be smaller. Where the array packs
    groups, as many of them share a tile as have rows and columns there, side by side along its diagonal.

    Args:
        rows: inputs, bias row included, from 1; of a layer with groups those of each.
        cols: outputs of all groups, from 1, a multiple of the groups.
        array: size of one array, and whether it packs groups.
        groups: of the layer.
    """
    width = cols // groups
    shared = min(array.rows // rows, array.cols // width, groups) if array.pack_groups else 1
    if shared > 1:
        return TileGrid(_blocks(rows, array.rows), _blocks(cols, shared * width), groups)
    of_groups = tuple(
        (start + first, start + last) for start in range(0, cols, width) for first, last in _blocks(width, array.cols)
    )
    return TileGrid(_blocks(rows, array.rows), of_groups, groups)


def plan_grids(hardware: Hardware, graph: Graph) -> tuple[TileGrid, ...]:
    """Cut the arrays of all layers as the hardware has them: with bias rows, and with all lines of their inputs."""
    drives = graph_drives(graph, hardware)
    return tuple(
        tile_grid(_rows(layer, drives[layer.name], hardware), layer.outputs, hardware.array, layer.window.groups)
        for layer in graph.layers
    )


def _rows(layer: LayerPlan, drive: Drive, hardware: Hardware) -> int:
    return layer.inputs * drive.lines + bias_rows(hardware)


def bias_rows(hardware: Hardware) -> int:
    """Word lines that the bias takes in every array: one or none."""
    return 1 if hardware.weights.bias == "array_row" else 0


def _blocks(length: int, size: int) -> tuple[tuple[int, int], ...]:
    return tuple((start, min(start + size, length)) for start in range(0, length, size))


@dataclass(frozen=True)
class LayerFootprint:
    """Area of one layer.

    Attributes:
        name: "conv1", "fc1", ...
        kind: "conv" or "dense".
        positions: products of the array per image: one, or one for every position of the kernel.
        conversions: of every column of every tile for one product: one, or one for every bit and every phase that is
            converted alone.
        rows: word lines in use, the bias row included, and two for every input where each has a pair of them; of a
            layer with groups those of each.
        cols: bit lines in use.
        tiles: pairs of arrays.
        cells: memory cells in use, 2 rows cols: one of each component for every word line and output.
        utilisation: share of the cells of its tiles that is in use, above 0 up to 1.
    """

    name: str
    kind: str
    positions: int
    conversions: int
    rows: int
    cols: int
    tiles: int
    cells: int
    utilisation: float


@dataclass(frozen=True)
class Footprint:
    """Area of a network: each layer, and tiles and cells of all of them."""

    layers: tuple[LayerFootprint, ...]
    tiles: int
    cells: int
    utilisation: float


def footprint(hardware: Hardware, graph: Graph) -> Footprint:
    """Tiles and cells of a network; a convolution takes its array once for all positions, and once for each group.

    Args:
        hardware: gives the array's size, whether the bias takes a row, and how inputs are coded.
        graph: of the network, with one array at least.
    """
    per_tile = 2 * hardware.array.rows * hardware.array.cols
    layers = []
    drives = graph_drives(graph, hardware)
    for layer, grid in zip(graph.layers, plan_grids(hardware, graph), strict=True):
        drive = drives[layer.name]
        rows, cols = _rows(layer, drive, hardware), layer.outputs
        tiles, cells = grid.count, 2 * rows * cols
        used = cells / (tiles * per_tile)
        layers.append(
            LayerFootprint(layer.name, layer.kind, layer.positions, drive.conversions, rows, cols, tiles, cells, used)
        )
    tiles, cells = sum(each.tiles for each in layers), sum(each.cells for each in layers)
    return Footprint(tuple(layers), tiles, cells, cells / (tiles * per_tile))
