"""Tiles that a matrix of weights is cut into, and the area of the chip that a network takes."""

from dataclasses import dataclass

from hwcore.spec.derive.plan import Plan
from hwcore.spec.hardware.array import Array
from hwcore.spec.hardware.hardware import Hardware


@dataclass(frozen=True)
class TileGrid:
    """Cuts of a matrix: half-open ranges (start, stop) of its rows and of its columns, without gaps."""

    row_blocks: tuple[tuple[int, int], ...]
    col_blocks: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """Number of tiles; each is a pair of arrays, one positive and one negative."""
        return len(self.row_blocks) * len(self.col_blocks)


def tile_grid(rows: int, cols: int, array: Array) -> TileGrid:
    """Cut a matrix of rows x cols into blocks that fit the array; only the last of each kind may be smaller.

    Args:
        rows: inputs, bias row included, from 1.
        cols: outputs, from 1.
        array: size of one array.
    """
    return TileGrid(_blocks(rows, array.rows), _blocks(cols, array.cols))


def _blocks(length: int, size: int) -> tuple[tuple[int, int], ...]:
    return tuple((start, min(start + size, length)) for start in range(0, length, size))


@dataclass(frozen=True)
class LayerFootprint:
    """Area of one layer.

    Attributes:
        name: "conv1", "fc1", ...
        kind: "conv" or "dense".
        positions: products of the array per image: one, or one for every position of the kernel.
        rows: word lines in use, the bias row included.
        cols: bit lines in use.
        tiles: pairs of arrays.
        cells: memory cells in use, 2 rows cols: one of each component per weight.
        utilisation: share of the cells of its tiles that is in use, above 0 up to 1.
    """

    name: str
    kind: str
    positions: int
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


def footprint(hardware: Hardware, plan: Plan) -> Footprint:
    """Tiles and cells of a network; a convolution takes its array once for all positions.

    Args:
        hardware: gives the array's size and whether the bias takes a row.
        plan: the layers, at least one.
    """
    bias_rows = 1 if hardware.weights.bias == "array_row" else 0
    array = hardware.array
    per_tile = 2 * array.rows * array.cols
    layers = []
    for layer in plan:
        rows, cols = layer.inputs + bias_rows, layer.outputs
        tiles, cells = tile_grid(rows, cols, array).count, 2 * rows * cols
        used = cells / (tiles * per_tile)
        layers.append(LayerFootprint(layer.name, layer.kind, layer.positions, rows, cols, tiles, cells, used))
    tiles, cells = sum(each.tiles for each in layers), sum(each.cells for each in layers)
    return Footprint(tuple(layers), tiles, cells, cells / (tiles * per_tile))
