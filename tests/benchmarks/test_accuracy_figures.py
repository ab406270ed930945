"""Figures of the accuracy benchmark: by hand, and none where rows are missing."""

import pytest

from benchmarks.accuracy_figures import figures_of, incomplete
from benchmarks.cases import Case
from benchmarks.experiments import ALL_SEEDS, EXPERIMENTS, IDEAL_CELL, corner_name
from benchmarks.summary import Spread
from hwcore.spec import parse_compile_job
from tests.benchmarks.rows_of import rows


def value(figures: list, name: str) -> float:
    return next(figure.value for figure in figures if figure.name == name)


def test_the_worst_corner_counts_by_its_mean_over_the_seeds() -> None:
    worst = corner_name(2, "2, linear, 0.8")

    def aware(case: Case) -> float:
        if case.method == "smooth" and case.corner == worst:
            return (0.980, 0.981, 0.982)[case.seed]
        return 0.984 if case.method == "smooth" else 0.983

    figures = figures_of(rows("corners", aware))
    assert value(figures, "worst_loss_2bit") == pytest.approx(0.5)
    assert value(figures, "worst_loss_1bit") == pytest.approx(0.2)
    assert value(figures, "mnist_mean_loss_2bit") == pytest.approx((7 * 0.2 + 0.5) / 8)
    mean = next(figure for figure in figures if figure.name == "mnist_mean_loss_2bit")
    # The corner that differs moves the mean of a seed by an eighth of 0.1: t_0.975 of three seeds is 4.303.
    assert (mean.half_width, mean.seeds) == (pytest.approx(4.303 * 0.0125 / 3**0.5, rel=1e-3), 3)
    assert value(figures, "smooth_minus_ste") == pytest.approx((11 * 0.1 - 0.2) / 12)


def test_no_figure_from_fewer_seeds_or_corners() -> None:
    everything = rows("corners")
    assert figures_of(rows("corners", seeds=[0, 1])) == []
    names = {figure.name for figure in figures_of([r for r in everything if r["corner"][0] != "1"])}
    assert names == {
        "mnist_mean_loss_2bit",
        "mnist_mean_loss_2bit_by_default",
        "worst_loss_2bit",
        "corners_clearly_above_0.1_2bit",
    }
    everything = rows("corners", seeds=ALL_SEEDS)
    assert incomplete(everything[1:])[0].startswith("corners: 95 of 96 rows")
    assert not any(line.startswith("corners:") for line in incomplete(everything))


def test_no_loss_from_rows_without_a_reference() -> None:
    measured = rows("corners", seeds=ALL_SEEDS)
    assert next(figure.seeds for figure in figures_of(measured) if figure.name == "mnist_mean_loss_1bit") == 5
    for row in measured:
        if row["seed"] > 2:
            del row["accuracy"]["reference"]
    assert next(figure.seeds for figure in figures_of(measured) if figure.name == "mnist_mean_loss_1bit") == 3
    for row in measured:
        if row["seed"] == 2:
            del row["accuracy"]["reference"]
    assert {figure.name for figure in figures_of(measured)} == {"smooth_minus_ste"}


def test_a_corner_is_clearly_above_where_its_whole_interval_is() -> None:
    clear, unsure = corner_name(2, "2, linear, 0.8"), corner_name(4, "8, linear, 1")

    def aware(case: Case) -> float:
        # A mean loss of 0.2 points either way, and 0.01 or 0.1 points from seed to seed.
        spread = {clear: 0.0001, unsure: 0.001}.get(case.corner, 0.0)
        return (0.984 if spread else 0.986) + spread * (case.seed - 1)

    figures = figures_of(rows("corners", aware))
    assert value(figures, "corners_clearly_above_0.1_2bit") == 1
    assert value(figures, "corners_clearly_above_0.2_1bit") == 0
    assert [figure.holds for figure in figures if figure.unit == "corners"] == [False, True]


def test_the_default_training_is_that_of_the_corners() -> None:
    document = EXPERIMENTS["corners"].corners[corner_name(2, IDEAL_CELL)]
    unsaid = {name: part for name, part in document.items() if name != "training"}
    assert parse_compile_job(document).resolved() == parse_compile_job(unsaid).resolved()


def test_means_by_default_have_limits_of_their_own() -> None:
    figures = figures_of(rows("corners", lambda case: 0.984))
    means = [figure for figure in figures if figure.name.startswith("mnist_mean_loss")]
    assert {figure.name: (round(figure.value, 9), figure.limit) for figure in means} == {
        "mnist_mean_loss_2bit": (0.2, 0.05),
        "mnist_mean_loss_2bit_by_default": (0.2, 0.1),
        "mnist_mean_loss_1bit": (0.2, 0.15),
        "mnist_mean_loss_1bit_by_default": (0.2, 0.2),
    }


def test_the_short_training_has_the_same_figures_without_limits() -> None:
    figures = figures_of(rows("corners_short", lambda case: 0.984 if case.method == "smooth" else 0.983))
    assert {figure.name: (round(figure.value, 9), figure.limit) for figure in figures} == {
        "mnist_mean_loss_2bit_short": (0.2, None),
        "worst_loss_2bit_short": (0.2, None),
        "corners_clearly_above_0.1_2bit_short": (8, None),
        "mnist_mean_loss_1bit_short": (0.2, None),
        "worst_loss_1bit_short": (0.2, None),
        "corners_clearly_above_0.2_1bit_short": (0, None),
        "smooth_minus_ste_short": (0.1, None),
    }


def test_limits_by_activation_bits() -> None:
    figures = figures_of(rows("activations", lambda case: 0.983))
    assert {figure.name: figure.holds for figure in figures} == {
        "activation_1bit_loss": True,
        "activation_2bit_loss": False,
        "activation_3bit_loss": False,
        "activation_4bit_loss": False,
    }


@pytest.mark.parametrize(("experiment", "suffix"), [("brevitas", ""), ("brevitas_short", "_short")])
def test_brevitas_counts_by_the_better_of_its_two_scales(experiment: str, suffix: str) -> None:
    reached = {"smooth": 0.982, "brevitas_learned_scale": 0.981, "brevitas_largest_weight": 0.983}
    measured = rows(experiment, lambda case: reached[case.method])
    figures = figures_of(measured)
    assert [figure.name for figure in figures] == [f"brevitas_minus_smooth_{bits}bit{suffix}" for bits in (1, 2, 4)]
    assert value(figures, f"brevitas_minus_smooth_2bit{suffix}") == pytest.approx(0.1)
    assert figures[1].holds is (None if suffix else False)
    without = [row for row in measured if row["method"] != "brevitas_learned_scale"]
    assert figures_of(without) == []
    assert measured[0]["corner"] == corner_name(1, IDEAL_CELL)


def test_published_and_emnist_limits() -> None:
    figures = figures_of(rows("published", lambda case: 0.985) + rows("emnist", lambda case: 0.9831))
    assert {figure.name: figure.holds for figure in figures} == {
        "emnist_worst_loss": True,
        "emnist_worst_loss_from_start": None,
        "tfc": True,
        "sfc": True,
        "lfc": False,
    }


def test_spread_is_the_sample_standard_deviation() -> None:
    assert str(Spread.of([1.0, 2.0, 3.0])) == "2.00 ± 1.00"
    assert str(Spread.of([1.0])) == "1.00"
    assert str(Spread.of([-0.001])) == "0.00"


@pytest.mark.parametrize(
    ("experiment", "plain"),
    [
        ("crosssim_tutorial", "crosssim_plain"),
        ("crosssim_longer", "crosssim_longer_plain"),
        ("crosssim_calibrated", "crosssim_calibrated_plain"),
    ],
)
def test_the_tutorial_has_one_limit_calibrated_or_not(experiment: str, plain: str) -> None:
    figures = figures_of(rows(experiment, lambda case: 0.979 if case.seed else 0.9825))
    assert {figure.name: figure.holds for figure in figures} == {plain: None, experiment: True}
    assert value(figures, plain) == pytest.approx(93.7)
    assert value(figures, experiment) == pytest.approx(98.01667, abs=1e-4)
    assert not figures_of(rows(experiment, lambda _: 0.9799))[1].holds
