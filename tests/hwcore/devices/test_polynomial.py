"""Polynomials of published devices: by hand, in either unit, and in proportion to a device that scales."""

import pytest
import torch

from hwcore.devices.polynomial import polynomial, polynomial_sigma, published_variable
from hwcore.spec import PolynomialFit, Published
from tests.hwcore.devices.models import programming


def pcm(g_max: float) -> Published:
    model = programming("pcm_joshi_2020", g_max=g_max)
    assert isinstance(model, Published)
    return model


def test_a_polynomial_by_hand() -> None:
    x = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
    assert polynomial(x, [3.0]).tolist() == [3.0, 3.0, 3.0]
    assert polynomial(x, [1.0, -2.0, 0.5]).tolist() == [1.0, -0.5, -1.0]


@pytest.mark.parametrize(("over", "expected"), [(None, 5.0), (2e-5, 0.25), ("g_max", 0.125)])
def test_the_variable_is_a_share_or_microsiemens(over: float | str | None, expected: float) -> None:
    g = torch.tensor([5e-6], dtype=torch.float64)
    assert published_variable(g, over, pcm(4e-5)).tolist() == pytest.approx([expected], rel=1e-15)


@pytest.mark.parametrize(("unit", "siemens"), [("S", 1.0), ("uS", 1e-6)])
def test_coefficients_are_in_their_unit_and_scale_with_a_parameter_alone(unit: str, siemens: float) -> None:
    g = torch.tensor([5e-6], dtype=torch.float64)
    fit = PolynomialFit.model_validate({"kind": "polynomial", "over": 2e-5, "unit": unit, "coefficients": (1.0, 4.0)})
    assert polynomial_sigma(g, fit, pcm(5e-5)).tolist() == pytest.approx([2.0 * siemens], rel=1e-15)
    # Twice the published 25 uS: x is 0.1, and everything is twice as large.
    scaled = fit.model_copy(update={"over": "g_max"})
    assert polynomial_sigma(g, scaled, pcm(5e-5)).tolist() == pytest.approx([2 * 1.4 * siemens], rel=1e-15)
