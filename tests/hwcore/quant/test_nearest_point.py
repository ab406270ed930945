"""Reading a table at many places: against plain numpy rounding, at the ends, in every layout, on every thread."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from hwcore.quant.nearest_point import nearest_point

DTYPES = (torch.float32, torch.float64)


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def drawn(count: int, points: int, dtype: torch.dtype, seed: int = 0) -> tuple[torch.Tensor, np.ndarray]:
    """Places up to 0.45 of a point beside the points of a table, some beyond its ends, and the points' numbers."""
    generator = np.random.default_rng(seed)
    index = generator.integers(-3, points + 3, count)
    place = 2 * (index + generator.uniform(-0.45, 0.45, count)) / (points - 1) - 1
    return torch.from_numpy(place).to(dtype), index.clip(0, points - 1)


def table(points: int, dtype: torch.dtype) -> torch.Tensor:
    return torch.randn(points, dtype=dtype, generator=torch.Generator().manual_seed(9))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("points", [2, 3, 4096, 65536])
def test_it_is_the_point_that_rounding_finds(points: int, dtype: torch.dtype) -> None:
    values = table(points, dtype)
    place, index = drawn(5000, points, dtype)
    assert np.array_equal(np.rint((place.double().numpy() + 1) / 2 * (points - 1)).clip(0, points - 1), index)
    assert torch.equal(nearest_point(values, place), values[torch.from_numpy(index)])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_ends_and_what_lies_beyond(dtype: torch.dtype) -> None:
    values = torch.tensor([3.0, 5.0, 7.0], dtype=dtype)
    place = torch.tensor([-np.inf, -1e30, -1.0, -0.51, -0.49, 0.0, 0.49, 0.51, 1.0, 1e30, np.inf, np.nan], dtype=dtype)
    assert nearest_point(values, place).tolist() == [3, 3, 3, 3, 5, 5, 5, 7, 7, 7, 7, 3]


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(0,), (0, 4), (), (1,), (2,), (3,), (7, 11), (8, 5), (2, 3, 4, 5), (1, 1001)])
def test_every_shape_on_two_threads(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    # Among them numbers of elements that two threads cannot share evenly.
    values = table(50, dtype)
    place, index = drawn(int(np.prod(shape)), 50, dtype)
    found = nearest_point(values, place.reshape(shape))
    assert found.shape == shape
    assert found.dtype == dtype
    assert torch.equal(found, values[torch.from_numpy(index)].reshape(shape))


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_layout_in_memory(dtype: torch.dtype) -> None:
    values = table(50, dtype)
    place, index = drawn(5 * 6 * 8, 50, dtype)
    place, expected = place.reshape(5, 6, 8), values[torch.from_numpy(index)].reshape(5, 6, 8)
    before = place.clone()
    assert torch.equal(nearest_point(values, place.permute(2, 0, 1)), expected.permute(2, 0, 1))
    assert torch.equal(nearest_point(values, place[:, ::2, 1:]), expected[:, ::2, 1:])
    assert torch.equal(nearest_point(values, place.flip(1)), expected.flip(1))
    assert torch.equal(nearest_point(values, place[:1].expand(3, 6, 8)), expected[:1].expand(3, 6, 8))
    # A table that is a view of another one.
    pairs = torch.stack([values, -values], dim=1)
    assert torch.equal(nearest_point(pairs[:, 1], place), -expected)
    assert torch.equal(place, before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [100_000, 99_999, 1])
def test_two_threads_give_the_bytes_of_one(count: int, dtype: torch.dtype) -> None:
    values = table(4096, dtype)
    # Anywhere, midway between two points too, where the rounding could fall either way.
    place = 1.2 * torch.randn(count, dtype=dtype, generator=torch.Generator().manual_seed(1))
    place[::3] = (place[::3] * 4095).round().add(0.5) / 4095
    place[::1000] = torch.nan
    assert torch.get_num_threads() == 1
    alone = nearest_point(values, place)
    torch.set_num_threads(2)
    try:
        together = nearest_point(values, place)
    finally:
        torch.set_num_threads(1)
    assert alone.numpy().tobytes() == together.numpy().tobytes()


def test_what_is_found_lies_in_memory_as_the_places_do() -> None:
    values = torch.arange(64.0)
    place = torch.rand(4, 6, 5, 3, generator=torch.Generator().manual_seed(5)) * 2 - 1
    channels_last = place.to(memory_format=torch.channels_last)
    found = nearest_point(values, channels_last)
    assert found.stride() == channels_last.stride()
    assert torch.equal(found, nearest_point(values, place))
    assert nearest_point(values, place.movedim(0, 2)).stride() == place.movedim(0, 2).stride()
