"""Drift exponents that fall with the logarithm of the target: two clipped lines, by hand."""

import math

import pytest
import torch

from hwcore.devices.logarithmic import logarithmic_moments
from hwcore.spec import ClippedLine, LogarithmicFit, Published
from tests.hwcore.devices.models import drift

FIT = LogarithmicFit(
    kind="logarithmic",
    over=1e-5,
    mean=ClippedLine(slope=-0.02, offset=0.03, low=0.04, high=0.09),
    deviation=ClippedLine(slope=-0.01, offset=0.0, low=0.005, high=0.05),
    begins=1.0,
)


def test_by_hand() -> None:
    model = drift("pcm_joshi_2020")
    assert isinstance(model, Published)
    # ln x is 0, -2 and minus infinity: below the lower bound, on the line, above the upper one.
    g = torch.tensor([1e-5, 1e-5 * math.exp(-2), 0.0], dtype=torch.float64)
    mean, deviation = logarithmic_moments(g, FIT, model)
    assert mean.tolist() == pytest.approx([0.04, 0.07, 0.09], rel=1e-12)
    assert deviation.tolist() == pytest.approx([0.005, 0.02, 0.05], rel=1e-12)
