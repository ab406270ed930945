"""NaN has no nearest value: it stays NaN in every form of the staircase, as does its gradient, and breaks no other."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from hwcore.quant import Method, SampledStaircase, Staircase, hard_staircase, may_hold_nan, nearest_value, thresholds

EVEN = [torch.linspace(-1, 1, levels, dtype=torch.float64) for levels in (2, 5, 13, 33, 34, 700)]
UNEVEN = [torch.logspace(-7, 0, levels, dtype=torch.float64) for levels in (5, 20, 300)]
"""Few values are found by comparing, more from a table, many uneven ones by searching."""
every_table = pytest.mark.parametrize("values", EVEN + UNEVEN, ids=lambda v: f"{len(v)} from {float(v[0]):g}")
FORMS: dict[str, tuple[Method, bool]] = {
    "smooth": ("smooth", True),
    "straight-through": ("straight_through", True),
    "hard": ("smooth", False),
    "hard of straight-through": ("straight_through", False),
}
every_form = pytest.mark.parametrize("form", FORMS)
every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def placed(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """Numbers, infinite ones too, with NaN at every seventh place; and where."""
    x = torch.linspace(-1.4, 1.4, 3003, dtype=dtype)
    x[1], x[2] = -torch.inf, torch.inf
    x[::7] = torch.nan
    return x.view(7, 429), x.isnan().view(7, 429)


def staircase(values: torch.Tensor, form: str) -> Staircase:
    method, training = FORMS[form]
    found = Staircase(values, method=method).train(training)
    found.sharpen(6.0, 0.3)
    return found


def holds(of: Callable[[torch.Tensor], torch.Tensor], dtype: torch.dtype, *, differentiable: bool) -> None:
    """NaN where it came in, in value and gradient, and elsewhere what comes out without any."""
    x, nan = placed(dtype)
    clean = torch.where(nan, 0.25, x)
    x, clean = x.requires_grad_(differentiable), clean.requires_grad_(differentiable)
    found, expected = of(x), of(clean)
    assert torch.equal(found.isnan(), nan)
    assert torch.equal(found[~nan], expected[~nan])
    if differentiable:
        (gradient,), (plain,) = (torch.autograd.grad(y.sum(), of_) for y, of_ in ((found, x), (expected, clean)))
        assert torch.equal(gradient.isnan(), nan)
        assert torch.equal(gradient[~nan], plain[~nan])


@every_table
@every_form
@every_dtype
def test_every_form_keeps_it(values: torch.Tensor, form: str, dtype: torch.dtype) -> None:
    holds(staircase(values, form), dtype, differentiable=FORMS[form][1])


@every_form
@every_dtype
def test_over_a_range_it_stays_and_a_range_that_is_nan_is_one_everywhere(form: str, dtype: torch.dtype) -> None:
    of = staircase(EVEN[1], form)
    for r in (1.0, 0.7):
        full_scale = torch.tensor(r, dtype=dtype, requires_grad=True)
        # Infinite inputs have no gradient in the range, and that is all that is asked for here.
        holds(lambda x, r=full_scale: of.scaled(x, r.detach()), dtype, differentiable=FORMS[form][1])
        x = torch.tensor([0.1, torch.nan], dtype=dtype)
        (gradient,) = torch.autograd.grad(of.scaled(x, full_scale).sum(), full_scale)
        assert bool(gradient.isnan())
    broken = torch.tensor(torch.nan, dtype=dtype)
    assert bool(of.scaled(torch.zeros(3, dtype=dtype), broken).isnan().all())
    # A range that has come to nothing leaves nothing of anything, and is not NaN.
    assert of.scaled(torch.tensor([-1.0, 0.0, 1.0], dtype=dtype), torch.zeros((), dtype=dtype)).tolist() == [0, 0, 0]


@every_table
@every_form
def test_through_other_heights_it_stays(values: torch.Tensor, form: str) -> None:
    of, heights = staircase(values, form), torch.linspace(3, 4, len(values), dtype=torch.float64).flip(0)
    holds(lambda x: of.through(x, heights), torch.float64, differentiable=form == "smooth")
    plus = (0.5, torch.ones(7, 429, dtype=torch.float64))
    holds(lambda x: of.through(x, heights, plus), torch.float64, differentiable=form == "smooth")


@every_table
@every_dtype
def test_the_functions_below_keep_it(values: torch.Tensor, dtype: torch.dtype) -> None:
    values = values.to(dtype)
    holds(lambda x: hard_staircase(x, values), dtype, differentiable=False)
    holds(lambda x: nearest_value(x, thresholds(values), values.flip(0)), dtype, differentiable=False)
    table = SampledStaircase.build(values.double(), 6.0, dtype=dtype, device=torch.device("cpu"))
    holds(table, dtype, differentiable=True)


def test_one_among_a_million_is_found_and_numbers_alone_are_none() -> None:
    x = torch.full((1 << 20,), 3e38)
    assert not may_hold_nan(x)  # Their sum is infinite.
    x[777] = torch.nan
    assert may_hold_nan(x)
    assert not may_hold_nan(torch.empty(0))
    assert np.isnan(Staircase(EVEN[4])(x).detach().numpy()).nonzero()[0].tolist() == [777]
