"""One array of a layer: its tiles."""

import torch

from hwcore.mapping import Array, Pairs
from hwcore.spec import Array as ArrayOfCells
from hwcore.spec import tile_grid


def test_tiles_have_the_name_of_their_array_and_the_first_is_the_fullest() -> None:
    codes, g = torch.zeros(3, 2, dtype=torch.uint8), torch.ones(3, 2, dtype=torch.float64)
    pairs = Pairs(codes, codes, g, g)
    array = Array("fc2", pairs, tile_grid(3, 2, ArrayOfCells(rows=2, cols=1)))
    assert list(array.tiles()) == [
        ("fc2_0_0", slice(0, 2), slice(0, 1)),
        ("fc2_0_1", slice(0, 2), slice(1, 2)),
        ("fc2_1_0", slice(2, 3), slice(0, 1)),
        ("fc2_1_1", slice(2, 3), slice(1, 2)),
    ]
