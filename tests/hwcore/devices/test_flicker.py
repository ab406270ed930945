"""1/f noise of published devices: by hand, its bound, and the first time that it knows."""

import math

import pytest
import torch

from hwcore.devices.flicker import flicker_ratio
from hwcore.spec import FlickerFit, Published
from tests.hwcore.devices.models import read_noise

FIT = FlickerFit(kind="flicker", over=1e-5, coefficient=0.01, power=0.5, largest=0.2, read_seconds=1e-6, begins=10.0)
MODEL = read_noise("pcm_joshi_2020")


def ratio(g: list[float], t: float) -> list[float]:
    assert isinstance(MODEL, Published)
    found: list[float] = flicker_ratio(torch.tensor(g, dtype=torch.float64), FIT, MODEL, t=t).tolist()
    return found


def test_by_hand() -> None:
    # After 2 e - 1 reads the logarithm is 1; at a quarter of the conductance the root is a half.
    t = 1e-6 * (2 * math.e - 1)
    assert ratio([1e-5, 2.5e-6], t) == pytest.approx([0.01, 0.02], rel=1e-12)
    # After 2 e^4 - 1 reads it is 4, and the noise twice as large.
    assert ratio([1e-5], 1e-6 * (2 * math.exp(4) - 1)) == pytest.approx([0.02], rel=1e-12)


def test_a_weak_cell_has_the_largest_share() -> None:
    assert ratio([1e-12, 0.0], 1e-6 * (2 * math.e - 1)) == pytest.approx([0.2, 0.2], rel=1e-12)


@pytest.mark.parametrize("t", [0.0, 0.9e-6, math.inf, math.nan])
def test_a_time_before_the_first_read_is_refused(t: float) -> None:
    with pytest.raises(ValueError, match=r"allowed: a finite time from 1e-06 s after the write, one read"):
        ratio([1e-5], t)
