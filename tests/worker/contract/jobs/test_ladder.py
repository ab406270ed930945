from __future__ import annotations

from typing import Any

import pytest

from hwcore.spec import METRICS
from worker.contract.jobs.ladder import HEADINGS, NO_SHARES, ladder_lines, result_lines

LADDER: list[dict[str, Any]] = [
    {"stage": "float", "accuracy": 0.98123, "std": None, "count": 10000, "chips": None},
    {"stage": "hardware_aware", "accuracy": 1.0, "std": None, "count": 10000, "chips": None},
]
DRAWN: dict[str, Any] = {
    "stage": "programming",
    "accuracy": 0.9,
    "std": 0.0123,
    "count": 10000,
    "chips": 25,
    "p05": 0.8876,
    "target_accuracy": 0.99,
    "yield": 0.04,
}


def test_the_columns_stand_below_each_other() -> None:
    assert list(ladder_lines([*LADDER, DRAWN])) == [
        "stage           accuracy       std   images  chips       p05  yield at 99.00 %",
        "float            98.12 %         -    10000      -         -                 -",
        "hardware_aware  100.00 %         -    10000      -         -                 -",
        "programming      90.00 %    1.23 %    10000     25   88.76 %            4.00 %",
    ]


def test_without_drawn_chips_there_is_no_target() -> None:
    assert [line.split() for line in ladder_lines(LADDER)] == [
        ["stage", "accuracy", "std", "images", "chips", "p05", "yield"],
        ["float", "98.12", "%", "-", "10000", "-", "-", "-"],
        ["hardware_aware", "100.00", "%", "-", "10000", "-", "-", "-"],
    ]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"type": "given"}, "given by evaluation.target_accuracy"),
        (
            {"type": "derived", "rung": "wires", "less": 0.01},
            "1 point below wires of this run. Each run has its own: to compare yields, give every job "
            '"evaluation": {"target_accuracy": 0.9734}',
        ),
    ],
)
def test_the_target_says_where_it_comes_from(source: dict[str, Any], words: str) -> None:
    result = {"ladder": [*LADDER, DRAWN], "target_accuracy": 0.9734, "target_accuracy_source": source}
    *table, last = result_lines(result)
    assert table == list(ladder_lines([*LADDER, DRAWN]))
    assert last == f"target 97.34 %: {words}"


def test_a_result_of_before_has_its_ladder_alone() -> None:
    assert list(result_lines({"ladder": LADDER})) == list(ladder_lines(LADDER))


def test_another_metric_has_its_heading_and_an_error_no_percents() -> None:
    error = {**DRAWN, "accuracy": 0.25, "std": 0.00123, "p05": 0.275, "target_accuracy": 0.3}
    source = {"type": "derived", "rung": "hardware_aware", "times": 1.1}
    result = {
        "metric": {"name": "mean_squared_error"},
        "ladder": [error],
        "target_accuracy": 0.3,
        "target_accuracy_source": source,
    }
    assert list(result_lines(result)) == [
        "stage        sq.error       std   images  chips       p05  yield at 0.3",
        "programming      0.25   0.00123    10000     25     0.275        4.00 %",
        "target 0.3: 1.1 times hardware_aware of this run; a chip is good up to it",
    ]
    heading, line = ladder_lines([DRAWN], "roc_auc")
    assert heading.split()[1:3] == ["ROC", "area"]
    assert "90.00 %" in line


def test_headings_and_percents_are_those_of_the_metrics() -> None:
    # Read without hwcore, whose import takes a second; so they stand here again.
    assert {name for name, facts in METRICS.items() if not facts.share} == NO_SHARES
    assert {"accuracy", *HEADINGS} == set(METRICS)
