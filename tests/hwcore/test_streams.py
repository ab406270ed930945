"""Streams of random numbers: one per purpose, none moved by another."""

import itertools

import numpy as np
import torch

from hwcore.streams import CHIPS, FLOAT_ORDER, HARDWARE_ORDER, INITIAL_WEIGHTS, stream


def draw(*key: int) -> list[float]:
    return torch.rand(8, generator=stream(*key)).tolist()


def test_the_same_key_gives_the_same_numbers() -> None:
    assert draw(3, CHIPS, 7) == draw(3, CHIPS, 7)
    torch.rand(100)
    stream(3, CHIPS, 8)
    assert draw(3, CHIPS, 7) == draw(3, CHIPS, 7)


def test_every_seed_purpose_and_number_gives_others() -> None:
    purposes = [(INITIAL_WEIGHTS,), (FLOAT_ORDER,), (HARDWARE_ORDER,), *((CHIPS, n) for n in range(20))]
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
