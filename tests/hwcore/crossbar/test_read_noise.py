"""Read noise of a column in one number: what drawing every cell for every product gives, in mean, spread and shape."""

import math

import pytest
import torch

from hwcore.crossbar import read_current_sigma
from hwcore.devices import read, read_sigma
from hwcore.streams import stream
from tests.hwcore.devices.models import read_noise

PRODUCTS = 40_000


def test_off_and_by_hand() -> None:
    drive = torch.tensor([[1.0, 2.0], [0.0, 0.0]], dtype=torch.float64)
    none = torch.zeros(2, 1, dtype=torch.float64)
    assert not read_current_sigma(drive, none).any()
    # (1 x 3)^2 + (2 x 2)^2 = 5^2; the two sides of a pair err for themselves.
    sigma = torch.tensor([[3.0], [2.0]], dtype=torch.float64)
    torch.testing.assert_close(read_current_sigma(drive, sigma.square())[:, 0].tolist(), [5.0, 0.0])
    torch.testing.assert_close(read_current_sigma(drive, 2 * sigma.square())[0, 0].item(), 5 * math.sqrt(2))


def test_it_is_what_drawing_every_cell_for_every_product_gives() -> None:
    generator, model = stream(0), read_noise("pcm_joshi_2020")
    pair = 25e-6 * torch.rand(2, 6, 3, dtype=torch.float64, generator=generator)
    drive = torch.rand(1, 6, dtype=torch.float64, generator=generator)
    sigma = read_sigma(pair, model, g_target=pair, g_max=25e-6, t=3600.0)
    expected = read_current_sigma(drive, sigma[0].square() + sigma[1].square())[0]
    seen = read(
        pair.expand(PRODUCTS, 2, 6, 3),
        model,
        g_target=pair,
        g_max=25e-6,
        t=3600.0,
        generator=generator,
    )
    noise = torch.einsum("i,pij->pj", drive[0], seen[:, 0] - seen[:, 1]) - drive[0] @ (pair[0] - pair[1])
    assert bool((noise.mean(0).abs() < 4.5 * expected / math.sqrt(PRODUCTS)).all())
    assert bool(((noise.std(0) - expected).abs() < 4.5 * expected / math.sqrt(2 * PRODUCTS)).all())
    kurtosis = (noise / expected).pow(4).mean(0)
    assert bool(((kurtosis - 3).abs() < 4.5 * math.sqrt(96 / PRODUCTS)).all())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype(dtype: torch.dtype) -> None:
    sigma = torch.rand(5, 3, dtype=dtype)
    found = read_current_sigma(torch.rand(7, 5, dtype=dtype), 2 * sigma.square())
    assert (found.shape, found.dtype) == ((7, 3), dtype)
