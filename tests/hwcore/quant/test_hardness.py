"""Hard values beside the smooth ones: a mixture in the value, nothing of it in the slope."""

import pytest
import torch

from hwcore.quant import SampledStaircase, Staircase, hard_staircase, hardness_at, thresholds
from tests.hwcore.quant.reference import EQUAL, NO_ZERO, VERY_UNEQUAL, table


def built(values: torch.Tensor, hardness: float, heights: torch.Tensor | None = None) -> SampledStaircase:
    return SampledStaircase.build(
        values, 4.0, heights=heights, hardness=hardness, dtype=torch.float64, device=torch.device("cpu")
    )


def grid(found: SampledStaircase) -> torch.Tensor:
    return found.start + torch.arange(len(found.value), dtype=torch.float64) / found.per_unit


@pytest.mark.parametrize("values", [EQUAL, NO_ZERO, VERY_UNEQUAL])
@pytest.mark.parametrize("hardness", [0.25, 0.5, 1.0])
def test_the_value_is_a_mixture_and_the_slope_is_untouched(values: tuple[float, ...], hardness: float) -> None:
    smooth, found = built(table(values), 0.0), built(table(values), hardness)
    # Off the thresholds, where a point of the grid may fall on either side.
    theta = grid(found)
    off = (theta[:, None] - thresholds(table(values))).abs().amin(1) > 1e-9
    hard = hard_staircase(theta, table(values))
    expected = (1 - hardness) * smooth.value + hardness * hard
    assert int(off.sum()) > 4000
    torch.testing.assert_close(found.value[off], expected[off], rtol=0, atol=1e-12)
    assert float((found.value - smooth.value).abs().max()) > 0.4 * hardness * float(table(values).diff().min())
    assert torch.equal(found.slope, smooth.slope)


def test_other_heights_mix_in_the_same_way() -> None:
    heights = table([0.2, 1.0, -0.4])
    smooth, found = built(table(EQUAL), 0.0, heights), built(table(EQUAL), 0.3, heights)
    theta = grid(found)
    hard = heights[(theta[:, None] >= table([-0.5, 0.5])).sum(1)]
    torch.testing.assert_close(found.value, 0.7 * smooth.value + 0.3 * hard, rtol=0, atol=1e-12)


@pytest.mark.parametrize("values", [EQUAL, NO_ZERO])
def test_fully_hard_is_the_hard_staircase_but_for_a_point_beside_a_threshold(values: tuple[float, ...]) -> None:
    found = built(table(values), 1.0)
    generator = torch.Generator().manual_seed(0)
    theta = 4 * torch.rand(20_000, dtype=torch.float64, generator=generator) - 2
    differs = found(theta) != hard_staircase(theta, table(values))
    distance = (theta[:, None] - thresholds(table(values))).abs().amin(1)
    assert float(distance[differs].max()) <= 1 / found.per_unit
    assert int(differs.sum()) < 100


def test_the_module_passes_it_on_to_every_read() -> None:
    staircase, soft = Staircase(table(EQUAL), sharpness=4.0), Staircase(table(EQUAL), sharpness=4.0)
    theta = torch.tensor([-0.9, -0.4, 0.1, 0.3, 0.8], dtype=torch.float64, requires_grad=True)
    heights, full_scale = table([0.0, 3.0, 5.0]), torch.tensor(2.0, dtype=torch.float64)
    before = staircase(theta)
    staircase.sharpen(4.0, 1.0)
    assert staircase(theta).tolist() == [-1, 0, 0, 0, 1]
    assert staircase.through(theta, heights).tolist() == [0, 3, 3, 3, 5]
    assert staircase.scaled(theta, full_scale).tolist() == [0, 0, 0, 0, 0]
    assert staircase.scaled(2 * theta, full_scale).tolist() == [-2, 0, 0, 0, 2]
    for read in (lambda s: s(theta), lambda s: s.through(theta, heights), lambda s: s.scaled(theta, full_scale)):
        slopes = [torch.autograd.grad(read(s).sum(), theta)[0] for s in (staircase, soft)]
        assert torch.equal(slopes[0], slopes[1])
        assert float(slopes[0].abs().min()) > 0
    staircase.sharpen(4.0)
    assert torch.equal(staircase(theta), before)


@pytest.mark.parametrize("hardness", [-0.01, 1.01, float("nan")])
def test_a_share_that_is_none_is_refused(hardness: float) -> None:
    staircase = Staircase(table(EQUAL), sharpness=2.0)
    with pytest.raises(ValueError, match=r"hardness: got .*; allowed: 0 to 1"):
        staircase.sharpen(3.0, hardness)
    assert (staircase.sharpness, staircase.hardness) == (2.0, 0.0)


def test_when_the_hard_values_come_in() -> None:
    # From 0.6 of the training, and all of it from half of the rest, 0.8.
    found = [hardness_at(fraction, 0.6) for fraction in (0.0, 0.3, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9, 1.0)]
    assert found == pytest.approx([0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1], rel=1e-12, abs=1e-12)
    assert [hardness_at(fraction, 0.0) for fraction in (0.0, 0.25, 0.5, 1.0)] == [0, 0.5, 1, 1]
    assert [hardness_at(fraction, 1.0) for fraction in (0.0, 0.5, 1.0)] == [0, 0, 0]
