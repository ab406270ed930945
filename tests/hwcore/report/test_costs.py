"""Costs by hand: their order, their scatter, and their entries in report.json."""

import pytest

from hwcore.report import ChipsRung, Cost, Costs, NetworkRung
from hwcore.spec import Stage

# 80 and 90 of 100 images: mean 85, sample standard deviation 7.07, so 5 images of standard error.
DRAWN = ChipsRung.of(Stage("programming"), [80, 90], 100, 2, 0.9)


def test_a_cost_of_two_chips_by_hand() -> None:
    cost = Cost.of(DRAWN, 0.95)
    assert cost.accuracy_lost == pytest.approx(0.1, rel=1e-12)
    assert cost.scatter is not None
    assert cost.scatter.standard_error == pytest.approx(0.05, rel=1e-12)
    # Student's quantile for two samples, from a table.
    half = 12.706205 * 0.05
    assert cost.scatter.ci95 == (pytest.approx(0.1 - half, rel=1e-6), pytest.approx(0.1 + half, rel=1e-6))


@pytest.mark.parametrize(("reference", "shown"), [(0.85, True), (0.84, True), (0.99 + 1.0, False), (-1.0, False)])
def test_an_effect_is_below_its_scatter_where_the_interval_holds_zero(reference: float, shown: bool) -> None:
    assert Cost.of(DRAWN, reference).to_json()["below_scatter"] is shown


def test_a_network_and_a_single_chip_have_no_scatter() -> None:
    single = ChipsRung.of(Stage("all", 20.0), [80], 100, 1, 0.9)
    for rung in (NetworkRung.of(Stage("wires"), 90, 100), single):
        entry = Cost.of(rung, 0.95).to_json()
        assert list(entry) == ["stage", "accuracy_lost", "standard_error", "ci95", "below_scatter"]
        assert (entry["stage"], entry["ci95"]) == (rung.stage.text, None)


def test_the_dearest_comes_first_and_equals_keep_their_order() -> None:
    rungs = [NetworkRung.of(Stage(name), correct, 100) for name, correct in (("wires", 90), ("adc", 80), ("read", 90))]
    costs = Costs.of(rungs, "hardware_aware", 0.95)
    assert [cost.stage.name for cost in costs.effects] == ["adc", "wires", "read"]
    assert list(costs.to_json()) == ["note", "reference", "effects"]
