"""Streams of random numbers: one per purpose, none moved by another."""

import itertools

import numpy as np
import pytest
import torch

from hwcore.streams import ACTIVATION_NOISE, CHIPS, FLOAT_ORDER, HARDWARE_ORDER, INITIAL_WEIGHTS, random_bytes, stream


def draw(*key: int) -> list[float]:
    return torch.rand(8, generator=stream(*key)).tolist()


def test_the_same_key_gives_the_same_numbers() -> None:
    assert draw(3, CHIPS, 7) == draw(3, CHIPS, 7)
    torch.rand(100)
    stream(3, CHIPS, 8)
    assert draw(3, CHIPS, 7) == draw(3, CHIPS, 7)


def test_every_seed_purpose_and_number_gives_others() -> None:
    of_training = [(INITIAL_WEIGHTS,), (FLOAT_ORDER,), (HARDWARE_ORDER,), (ACTIVATION_NOISE,)]
    purposes = [*of_training, *((CHIPS, n) for n in range(20))]
    keys = [(seed, *purpose) for seed in (0, 1, 2**63 - 1) for purpose in purposes]
    seeds = {stream(*key).initial_seed() for key in keys}
    assert len(seeds) == len(keys)


def test_streams_are_not_correlated() -> None:
    numbers = np.array([torch.randn(4000, generator=stream(0, CHIPS, n)).numpy() for n in range(6)])
    for first, second in itertools.combinations(numbers, 2):
        # The correlation of 4,000 independent pairs has a standard deviation of 1/63.
        assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(4000)


def test_the_seed_is_the_one_that_numpy_derives() -> None:
    state = np.random.SeedSequence(11, spawn_key=(CHIPS, 4)).generate_state(1, np.uint64)
    assert stream(11, CHIPS, 4).initial_seed() == int(state[0]) >> 1


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(4)
    torch.manual_seed(1)
    draw(0, CHIPS, 0)
    assert torch.equal(torch.rand(4), expected)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (8,), (13,), (3, 5, 7)])
def test_bytes_of_every_shape(shape: tuple[int, ...]) -> None:
    found = random_bytes(shape, stream(0))
    assert (tuple(found.shape), found.dtype) == (shape, torch.uint8)
    assert torch.equal(random_bytes(shape, stream(0)), found)


def test_bytes_are_all_alike() -> None:
    count = 256 * 4000
    found = torch.bincount(random_bytes((count,), stream(0)).long(), minlength=256)
    assert len(found) == 256
    # Chi squared of 255 degrees of freedom: a mean of 255, a deviation of 22.6; six of them.
    assert abs(float(((found - 4000.0) ** 2 / 4000).sum()) - 255) < 6 * 22.6
    assert not torch.equal(random_bytes((64,), stream(0)), random_bytes((64,), stream(1)))
