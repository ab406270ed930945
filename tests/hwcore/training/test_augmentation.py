"""Images moved at random: by hand, every move once in a while, nothing lost that stays inside, the same by seed."""

import pytest
import torch

from hwcore.streams import stream
from hwcore.training.augmentation import shifted

IMAGE = torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype=torch.uint8)
MOVED = {
    (-1, -1): [5, 6, 0, 8, 9, 0, 0, 0, 0],
    (-1, 0): [4, 5, 6, 7, 8, 9, 0, 0, 0],
    (-1, 1): [0, 4, 5, 0, 7, 8, 0, 0, 0],
    (0, -1): [2, 3, 0, 5, 6, 0, 8, 9, 0],
    (0, 0): [1, 2, 3, 4, 5, 6, 7, 8, 9],
    (0, 1): [0, 1, 2, 0, 4, 5, 0, 7, 8],
    (1, -1): [0, 0, 0, 2, 3, 0, 5, 6, 0],
    (1, 0): [0, 0, 0, 1, 2, 3, 4, 5, 6],
    (1, 1): [0, 0, 0, 0, 1, 2, 0, 4, 5],
}
"""By how many pixels down and to the right."""


def test_every_move_by_hand_and_each_as_often() -> None:
    count = 9000
    found = shifted(IMAGE.reshape(1, 9).repeat(count, 1), (3, 3), 1, stream(0))
    seen, times = found.unique(dim=0, return_counts=True)
    assert sorted(seen.tolist()) == sorted(MOVED.values())
    # 1000 of each, within five standard deviations of sqrt(9000 x 1/9 x 8/9).
    assert float((times - 1000).abs().max()) < 5 * 29.9


@pytest.mark.parametrize("most", [1, 2, 4])
def test_nothing_is_lost_of_what_stays_inside(most: int) -> None:
    height, width = 11, 14
    images = torch.zeros(400, height, width, dtype=torch.uint8)
    generator = torch.Generator().manual_seed(0)
    inner = images[:, most : height - most, most : width - most]
    inner.copy_(torch.randint(1, 16, inner.shape, generator=generator))
    found = shifted(images.flatten(1), (height, width), most, stream(1))
    assert found.shape == (400, height * width)
    assert found.dtype == torch.uint8
    assert torch.equal(found.sort(1).values, images.flatten(1).sort(1).values)
    # Where the first pixel of the inside went: every offset in both directions occurs, and no other.
    moves = []
    for before, after in zip(images, found.reshape(400, height, width), strict=True):
        (row, col), (new_row, new_col) = (image.nonzero().amin(0).tolist() for image in (before, after))
        moves.append((new_row - row, new_col - col))
    every = set(range(-most, most + 1))
    assert {down for down, _ in moves} == {right for _, right in moves} == every
    assert len(set(moves)) > 0.9 * min(400 * 0.6, len(every) ** 2)


def test_images_that_are_no_squares_keep_their_rows() -> None:
    image = torch.arange(1, 7, dtype=torch.uint8).reshape(1, 6)
    found = {tuple(row) for row in shifted(image.repeat(500, 1), (2, 3), 1, stream(0)).tolist()}
    assert len(found) == 9
    assert {(1, 2, 3, 4, 5, 6), (0, 1, 2, 0, 4, 5), (4, 5, 6, 0, 0, 0)} <= found


def test_the_seed_decides_and_what_comes_in_is_left_alone() -> None:
    codes = torch.randint(0, 16, (50, 64), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    before = codes.clone()
    generator = stream(3)
    first, second = (shifted(codes, (8, 8), 1, generator) for _ in range(2))
    assert torch.equal(first, shifted(codes, (8, 8), 1, stream(3)))
    assert not torch.equal(first, second)
    assert torch.equal(codes, before)
    assert torch.equal(shifted(codes, (8, 8), 0, stream(0)), codes)
    assert shifted(codes[:0], (8, 8), 1, stream(0)).shape == (0, 64)
