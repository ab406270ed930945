"""Trainings beside the short one: gains are paired by seed, times are over those of the same row."""

import itertools

import pytest

from benchmarks.recipes import (
    BEFORE,
    BITS,
    FIRST,
    MOST_TIME,
    NETWORKS,
    RECIPES,
    figures_of,
    gains,
    job_of,
    recipes_table,
)

LONG = "long, 10 + 30"


def row(recipe: str, bits: int, seed: int, validation: float, seconds: float = 10.0) -> dict:
    return {
        "network": FIRST,
        "recipe": recipe,
        "bits": bits,
        "seed": seed,
        "validation": validation,
        "float_seconds": seconds / 2,
        "hardware_seconds": seconds / 2,
    }


def test_every_recipe_is_a_training_that_a_job_may_have() -> None:
    for network, (recipe, wanted) in itertools.product(NETWORKS, RECIPES.items()):
        training = job_of(network, recipe, 2, 1).training
        assert {name: getattr(training, name) for name in wanted} == wanted
        assert training.seed == 1


def test_gains_are_paired_by_seed_and_times_by_row() -> None:
    rows = [row(BEFORE, 2, 0, 0.980), row(BEFORE, 2, 1, 0.985), row(BEFORE, 1, 0, 0.970)]
    rows += [row(LONG, 2, 0, 0.981, 20.0), row(LONG, 2, 1, 0.988, 30.0), row(LONG, 2, 2, 0.5), row(LONG, 1, 0, 0.972)]
    assert gains(rows, LONG, 2) == pytest.approx([0.1, 0.3])
    figures = {figure.name: figure for figure in figures_of(rows)}
    assert figures["long_recipe_gain_2bit"].value == pytest.approx(0.2)
    assert figures["long_recipe_gain_2bit"].seeds == 2
    assert figures["long_recipe_time"].value == pytest.approx((2 + 3 + 1) / 3)
    assert figures["long_recipe_time"].limit == MOST_TIME
    default, long = recipes_table(rows).splitlines()[2:]
    assert default == f"| {BEFORE} | 98.25 | 0 | 97.00 | 0 | 2, 1 | 1.00 |"
    assert long.startswith(f"| {LONG} |")
    assert "+0.20 ± 1.27" in long
    assert long.endswith("| 2.00 |")


def test_what_was_not_measured_is_no_figure() -> None:
    assert figures_of([row(BEFORE, bits, 0, 0.9) for bits in BITS]) == []
    assert recipes_table([row(LONG, 2, 0, 0.9)]) == ""
