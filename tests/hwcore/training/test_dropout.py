"""Inputs left out at random: how many, which, what makes up for them, and the same by seed."""

import pytest
import torch

from hwcore.streams import stream
from hwcore.training.dropout import dropped


def drawn(images: int = 400, pixels: int = 784) -> torch.Tensor:
    return torch.randint(1, 256, (images, pixels), generator=torch.Generator().manual_seed(0)).to(torch.uint8)


@pytest.mark.parametrize("share", [1 / 256, 0.2, 0.5, 0.9])
def test_a_share_is_left_out_and_the_mean_stays(share: float) -> None:
    codes = drawn()
    found, makes_up = dropped(codes, share, stream(0))
    assert found.dtype == torch.uint8
    left_out = found == 0
    assert torch.equal(found[~left_out], codes[~left_out])
    # To 1/512, and within five standard deviations of so many coins.
    expected, deviation = round(256 * share) / 256, (share * (1 - share) / codes.numel()) ** 0.5
    assert float(left_out.float().mean()) == pytest.approx(expected, abs=5 * deviation)
    assert makes_up == 1 / (1 - expected)


def test_images_and_places_are_independent() -> None:
    found, _ = dropped(torch.ones(3000, 64, dtype=torch.uint8), 0.25, stream(1))
    # Each place in a quarter of the images, and of two places next to each other both in a sixteenth.
    out = (found == 0).double()
    assert float((out.mean(0) - 0.25).abs().max()) < 5 * (0.25 * 0.75 / 3000) ** 0.5
    both = (out[:, 1:] * out[:, :-1]).mean(0)
    assert float((both - 0.0625).abs().max()) < 5 * (0.0625 * 0.9375 / 3000) ** 0.5
    assert float(out.mean(1).std()) < 2 * (0.25 * 0.75 / 64) ** 0.5


def test_the_seed_decides_and_what_comes_in_is_left_alone() -> None:
    codes = drawn(5, 13)
    before, generator = codes.clone(), stream(3)
    (first, _), (second, _) = (dropped(codes, 0.5, generator) for _ in range(2))
    assert torch.equal(first, dropped(codes, 0.5, stream(3))[0])
    assert not torch.equal(first, second)
    assert torch.equal(codes, before)
    none, makes_up = dropped(codes, 0.0, stream(0))
    assert torch.equal(none, codes)
    assert makes_up == 1
