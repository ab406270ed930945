"""The cells of one chip: written, then stuck, then drifting, each effect with random numbers of its own."""

import math

import torch

from hwcore.crossbar import Cells, ChipStreams, draw_cells
from hwcore.spec import EFFECTS, AdditiveProgramming, Condition, Noise, PowerLawDrift, StuckAt
from tests.hwcore.crossbar.small_networks import layer, network
from tests.hwcore.spec.chips import chip

CELLS = 400
G_POS, G_NEG = 4e-6, 3e-6
NETWORK = network(
    layer([[G_POS] * CELLS] * CELLS, [[G_NEG] * CELLS] * CELLS, scale=[1.0] * CELLS, bias=[0.0] * CELLS),
    layer([[G_POS] * 10] * CELLS, [[G_NEG] * 10] * CELLS, scale=[1.0] * 10, bias=[0.0] * 10, name="fc2"),
)
DRIFT = PowerLawDrift(exponent=0.05, exponent_sigma=0.02, t0=2.0)
NOISE = Noise(
    programming=AdditiveProgramming(sigma_ratio=0.05), stuck_at=StuckAt(stuck_on=0.01, stuck_off=0.02), drift=DRIFT
)
HARDWARE = chip({"levels": 4, "g_max": 8e-6}).model_copy(update={"noise": NOISE})
ALL = Condition.of(EFFECTS)


def pairs(condition: Condition, number: int = 7) -> list[Cells]:
    """Positive, negative, positive, negative."""
    layers = draw_cells(NETWORK, HARDWARE, condition, ChipStreams(3, number)).values()
    return [side for arrays in layers for pair in arrays for side in (pair.pos, pair.neg)]


def test_without_effects_they_are_the_levels_themselves() -> None:
    cells = draw_cells(NETWORK, HARDWARE, Condition.of([]), ChipStreams(3, 0))
    assert list(cells) == ["fc1", "fc2"]
    for of in NETWORK.layers:
        (pair,), designed = cells[of.name], of.array.pairs
        assert pair.pos.g is designed.g_pos
        assert pair.neg.g is designed.g_neg
        assert pair.pos.exponent is None
        assert pair.at(1e9, DRIFT).pos is designed.g_pos


def test_one_percent_stuck_is_one_percent_of_the_cells() -> None:
    for g_max, g_min, cells in ((8e-6, 1e-6, pairs(ALL)[0]), (6.4e-6, 0.8e-6, pairs(ALL)[1])):
        count = cells.g.numel()
        for end, rate in ((g_max, 0.01), (g_min, 0.02)):
            found = int((cells.g == end).sum())
            assert abs(found - rate * count) < 4.5 * math.sqrt(rate * (1 - rate) * count)
            assert torch.equal(cells.g == end, cells.target == end)


def test_alone_and_together_the_same_cells_are_stuck() -> None:
    for alone, together, g in zip(pairs(Condition.of(["stuck_at"])), pairs(ALL), [G_POS, G_NEG] * 2, strict=True):
        assert torch.equal(alone.g != g, together.target != g)
        assert torch.equal(alone.g[alone.g != g], together.g[alone.g != g])


def test_alone_and_together_the_same_errors_are_written() -> None:
    for alone, together, g in zip(pairs(Condition.of(["programming"])), pairs(ALL), [G_POS, G_NEG] * 2, strict=True):
        sound = together.target == g
        assert 0.96 < float(sound.double().mean()) < 0.98
        assert torch.equal(alone.g[sound], together.g[sound])


def test_alone_and_together_they_drift_as_fast() -> None:
    for alone, together in zip(pairs(Condition.of(["drift"])), pairs(ALL), strict=True):
        assert alone.exponent is not None
        assert together.exponent is not None
        assert torch.equal(alone.exponent, together.exponent)


def test_written_then_stuck_then_drifting() -> None:
    cells = pairs(ALL)[0]
    on = cells.target == 8e-6
    # A stuck cell has no error of its write, and drifts from where it is stuck as any other does.
    assert bool((cells.g[on] == 8e-6).all())
    assert cells.exponent is not None
    later = cells.at(200.0, DRIFT)
    torch.testing.assert_close(later[on], 8e-6 * 100.0 ** -cells.exponent[on], rtol=1e-12, atol=0)
    assert torch.equal(cells.at(2.0, DRIFT), cells.g)
    assert bool((later[~on] < cells.g[~on]).all())


def test_both_components_of_every_cell_err_for_themselves() -> None:
    # Additive, 5 % of each component's own largest conductance: variances of (0.05 x 8)^2 + (0.05 x 6.4)^2 uS^2.
    pos, neg = (cells.g for cells in pairs(Condition.of(["programming"]))[:2])
    difference = pos - neg
    sigma = 0.05e-6 * math.hypot(8, 6.4)
    assert abs(float(difference.mean()) - 1e-6) < 4.5 * sigma / math.sqrt(difference.numel())
    assert abs(float(difference.std()) - sigma) < 4.5 * sigma / math.sqrt(2 * difference.numel())
    assert len(torch.unique(difference)) > 0.999 * difference.numel()
    correlation = float(torch.corrcoef(torch.stack([pos.reshape(-1), neg.reshape(-1)]))[0, 1])
    assert abs(correlation) < 4.5 / math.sqrt(difference.numel())


def test_layers_and_chips_have_numbers_of_their_own() -> None:
    first, other = pairs(ALL), pairs(ALL, number=8)
    assert not any(torch.equal(a.g, b.g) for a, b in zip(first, other, strict=True))
    assert not torch.equal(first[0].g[:, :10], first[2].g)
