"""Measures: what a tally is worth, what is better, and the intervals of published examples."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hwcore.report import ChipsRung, LayerAlone, Measure, NetworkRung
from hwcore.report.costs import Cost
from hwcore.report.statistics import Spread, proportion_interval
from hwcore.spec import Stage

ERROR = Measure(50, "mean_squared_error", 1000.0)


def test_a_number_of_images_stands_for_their_accuracy() -> None:
    measure = Measure.of(359)
    assert measure.value(300) == 300 / 359
    assert measure.interval(300) == proportion_interval(300, 359)
    assert measure.good(342, 342 / 359)
    assert not measure.good(341, 342 / 359)
    assert measure.lost(0.9, 0.8) == pytest.approx(0.1)
    assert [measure.possible(tally) for tally in (-1, 0, 359, 360)] == [False, True, True, False]
    assert Measure.of(measure) is measure


def test_of_an_error_less_is_better() -> None:
    assert ERROR.value(250) == 0.25
    assert ERROR.good(250, 0.25)
    assert not ERROR.good(251, 0.25)
    assert ERROR.lost(0.2, 0.5) == pytest.approx(0.3)
    assert ERROR.possible(10**15)
    assert ERROR.interval(250) is None
    rung = ChipsRung.of(Stage("programming"), list(range(100, 201)), ERROR, 101, 0.15)
    # 51 of 101 are at 0.150 and below; 5 % are above 0.195.
    assert (rung.yield_, rung.p05, rung.count) == (51 / 101, 0.195, 50)
    assert NetworkRung.of(Stage("float"), 100, ERROR).to_json()["ci95"] is None
    assert Cost.of(rung, 0.1, falls=True).accuracy_lost == pytest.approx(0.05)
    assert LayerAlone.of([150, 250], 100, ERROR).accuracy_lost == pytest.approx(0.1)
    assert Spread.of([100, 200], 1000.0, falls=True).accuracy == 0.15


def test_the_interval_of_an_area_without_information_is_that_of_mann_and_whitney() -> None:
    # Where nothing is told apart the variance of U is p n (p + n + 1) / 12, whatever the distribution.
    measure = Measure(109, "roc_auc", 2.0 * 51 * 58, 51)
    low, high = measure.interval(51 * 58) or (0.0, 0.0)
    assert (low + high) / 2 == pytest.approx(0.5, rel=1e-12)
    assert (high - low) / 2 / 1.959963984540054 == pytest.approx(np.sqrt(110 / 12 / (51 * 58)), rel=1e-12)
    assert measure.interval(2 * 51 * 58) == (1.0, 1.0)


def test_the_interval_of_an_area_holds_it_as_often_as_it_says() -> None:
    generator, normal, anomalous = np.random.default_rng(0), 60, 40
    measure = Measure(normal + anomalous, "roc_auc", 2.0 * normal * anomalous, anomalous)
    labels = np.repeat([0, 1], [normal, anomalous])
    # Two normal distributions a distance d apart have the area Phi(d / sqrt 2).
    true, held = 0.8413447460685429, 0
    for _ in range(400):
        area = roc_auc_score(labels, generator.normal(labels * np.sqrt(2)))
        low, high = measure.interval(round(area * measure.divisor)) or (0.0, 0.0)
        held += low <= true <= high
    # 95 % of 400, within four standard deviations of sqrt(400 x 0.95 x 0.05).
    assert abs(held - 380) < 4 * 4.4
