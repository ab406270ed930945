"""Images moved at random: by hand, every move once in a while, nothing lost that stays inside, the same by seed."""

import pytest
import torch

from hwcore.spec import Augmentation
from hwcore.streams import stream
from hwcore.training.augmentation import augmented, flipped, shifted

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
    found = shifted(IMAGE.reshape(1, 9).repeat(count, 1), (1, 3, 3), 1, stream(0))
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
    found = shifted(images.flatten(1), (1, height, width), most, stream(1))
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
    found = {tuple(row) for row in shifted(image.repeat(500, 1), (1, 2, 3), 1, stream(0)).tolist()}
    assert len(found) == 9
    assert {(1, 2, 3, 4, 5, 6), (0, 1, 2, 0, 4, 5), (4, 5, 6, 0, 0, 0)} <= found


def test_the_seed_decides_and_what_comes_in_is_left_alone() -> None:
    codes = torch.randint(0, 16, (50, 64), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    before = codes.clone()
    generator = stream(3)
    first, second = (shifted(codes, (1, 8, 8), 1, generator) for _ in range(2))
    assert torch.equal(first, shifted(codes, (1, 8, 8), 1, stream(3)))
    assert not torch.equal(first, second)
    assert torch.equal(codes, before)
    assert torch.equal(shifted(codes, (1, 8, 8), 0, stream(0)), codes)
    assert shifted(codes[:0], (1, 8, 8), 1, stream(0)).shape == (0, 64)


def test_channels_move_together() -> None:
    colours = torch.arange(1, 4 * 5 * 3 + 1, dtype=torch.int16).reshape(1, 3, 4, 5)
    found = shifted(colours.flatten(1).repeat(200, 1), (3, 4, 5), 2, stream(0)).reshape(200, 3, 4, 5)
    # Channels differ by 20 wherever there is an image at all.
    inside = found[:, 0] > 0
    assert torch.equal(found[:, 1], (found[:, 0] + 20) * inside)
    assert torch.equal(found[:, 2], (found[:, 0] + 40) * inside)
    # One channel of the same images moves by the same draws.
    alone = shifted(colours[:, 0].flatten(1).repeat(200, 1), (1, 4, 5), 2, stream(0))
    assert torch.equal(alone, found[:, 0].flatten(1))


def test_a_series_moves_in_time_alone() -> None:
    series = torch.tensor([[[-1, -2, -3, -4], [5, 6, 7, 8]]], dtype=torch.int8)
    found = shifted(series.flatten(1).repeat(300, 1), (2, 4), 1, stream(0))
    assert found.dtype == torch.int8
    assert {tuple(row) for row in found.tolist()} == {
        (-2, -3, -4, 0, 6, 7, 8, 0),
        (-1, -2, -3, -4, 5, 6, 7, 8),
        (0, -1, -2, -3, 0, 5, 6, 7),
    }


def test_half_of_the_images_are_mirrored() -> None:
    colours = torch.arange(12, dtype=torch.uint8).reshape(1, 2, 2, 3)
    found = flipped(colours.flatten(1).repeat(2000, 1), (2, 2, 3), stream(0))
    mirrored = colours.numpy()[..., ::-1].reshape(-1).tolist()
    as_it_was = colours.flatten().tolist()
    rows = found.tolist()
    assert all(row in (mirrored, as_it_was) for row in rows)
    # Half of 2000, within five standard deviations of sqrt(2000)/2.
    assert abs(sum(row == mirrored for row in rows) - 1000) < 5 * 22.4


def test_mirrors_are_drawn_after_moves_and_only_where_they_are_wanted() -> None:
    codes = torch.randint(0, 16, (50, 64), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    alone, plain = stream(0), stream(0)
    moved = augmented(codes, (1, 8, 8), Augmentation(shift=1), alone)
    assert torch.equal(moved, shifted(codes, (1, 8, 8), 1, plain))
    assert torch.equal(alone.get_state(), plain.get_state())
    both = augmented(codes, (1, 8, 8), Augmentation(shift=1, flip=True), stream(0))
    assert torch.equal(both, flipped(moved, (1, 8, 8), plain))
