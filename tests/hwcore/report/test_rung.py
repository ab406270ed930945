"""Rungs of the ladder: counts, spreads and yields against known values, and what they are in report.json."""

import itertools
import json
import math

import pytest

from hwcore.report import ChipsRung, NetworkRung, Target, proportion_interval
from hwcore.spec import Stage
from tests.hwcore.pipeline.small_jobs import job


def test_a_network_that_is_always_the_same() -> None:
    found = NetworkRung.of(Stage("float"), 9, 10)
    assert (found.stage.text, found.accuracy, found.count, found.note) == ("float", 0.9, 10, None)
    assert found.ci95 == proportion_interval(9, 10)


def test_drawn_chips_by_hand() -> None:
    # 80, 90, 100 and 90 of 100 images: mean 90, deviations 10, 0, 10, 0, sample variance 200 / 3.
    found = ChipsRung.of(Stage("programming"), [80, 90, 100, 90], 100, 4, 0.9)
    assert found.accuracy == 0.9
    assert found.std == pytest.approx(math.sqrt(200 / 3) / 100, rel=1e-12)
    # The 5th percentile lies 0.15 of the way from the first to the second of the ordered four.
    assert found.p05 == pytest.approx(0.815, rel=1e-12)
    assert found.yield_ == 0.75
    assert found.yield_ci95 == proportion_interval(3, 4)
    assert found.chip_accuracies == (0.8, 0.9, 1.0, 0.9)
    assert (found.chips, found.count, found.target_accuracy) == (4, 100, 0.9)


def test_one_chip_has_no_spread() -> None:
    found = ChipsRung.of(Stage("programming"), [80], 100, 1, 0.9)
    assert (found.accuracy, found.std, found.p05, found.yield_) == (0.8, None, 0.8, 0.0)


@pytest.mark.parametrize("correct", [1, 7, 349, 357])
def test_one_look_that_stands_for_all_chips_has_no_spread(correct: int) -> None:
    found = ChipsRung.of(Stage("programming"), [correct], 359, 25, 0.5, drawn=False)
    assert found.std is None
    assert found.accuracy == found.p05 == correct / 359
    assert found.chip_accuracies == (correct / 359,) * 25
    assert (found.yield_, found.yield_ci95) == (float(correct > 179), None)


def test_a_chip_exactly_one_point_below_is_good_and_the_next_one_is_not() -> None:
    count = 10_000
    for designed in itertools.chain(range(1000, count + 1, 137), (9830, 9831)):
        target = Target.of(job().examination(), designed / count).accuracy
        assert ChipsRung.of(Stage("p"), [designed - 100, designed - 101], count, 2, target).yield_ == 0.5


def test_the_target_is_the_stated_one_or_one_point_below() -> None:
    stated = Target.of(job(evaluation={"target_accuracy": 0.5}).examination(), 0.98)
    assert stated.to_json() == {"target_accuracy": 0.5, "target_accuracy_source": {"type": "given"}}
    derived = Target.of(job().examination(), 0.98)
    assert derived.accuracy == pytest.approx(0.97, rel=1e-12)
    assert derived.source == {"type": "derived", "rung": "hardware_aware", "less": 0.01}
    assert Target.of(job().examination(), 0.005).accuracy == 0.0


def test_the_entry_of_a_network_has_its_keys_in_order_and_a_note_where_there_is_one() -> None:
    entry = NetworkRung.of(Stage("wires"), 5, 10, "calibrated").to_json()
    assert list(entry) == ["stage", "accuracy", "std", "count", "chips", "ci95", "note"]
    assert (entry["std"], entry["chips"], entry["note"]) == (None, None, "calibrated")
    assert "note" not in NetworkRung.of(Stage("wires"), 5, 10).to_json()


def test_the_entry_of_chips_has_its_keys_in_order_and_holds_plain_numbers() -> None:
    entry = ChipsRung.of(Stage("programming"), [80, 90], 100, 2, 0.9).to_json()
    keys = "stage accuracy std count chips p05 target_accuracy yield yield_ci95 chip_accuracies"
    assert list(entry) == keys.split()
    assert json.loads(json.dumps(entry)) == entry
    assert ChipsRung.of(Stage("programming"), [80], 100, 2, 0.9, drawn=False).to_json()["yield_ci95"] is None
