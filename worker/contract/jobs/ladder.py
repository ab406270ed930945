"""The ladder of a report, for people to read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

NO_SHARES: Final = frozenset({"mean_squared_error"})
"""Metrics that are no share of anything."""
HEADINGS: Final = {"roc_auc": "ROC area", "mean_squared_error": "sq.error"}
"""Headings of the column of the accuracy, where it is another metric."""


def result_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The ladder as a table, and the target of its yields.

    Args:
        result: of a job that has succeeded, or its report: `ladder`, and from newer jobs where their target comes from.
    """
    metric = (result.get("metric") or {}).get("name", "accuracy")
    yield from ladder_lines(result.get("ladder") or [], metric)
    source = result.get("target_accuracy_source")
    if source is not None:
        yield _target_line(result["target_accuracy"], source, metric)


def ladder_lines(ladder: Sequence[Mapping[str, Any]], metric: str = "accuracy") -> Iterator[str]:
    """A heading, then a line per stage: test accuracy, its standard deviation, the counts behind it, and of drawn chips
    the 5th percentile and the yield at the target that stands in the heading.

    Args:
        ladder: of a report.
        metric: that its accuracies are figures of; one that is no share of the images is told without percents.
    """
    figure = _figure if metric in NO_SHARES else _percent
    width = max((len(str(rung["stage"])) for rung in ladder), default=0)
    target = next((rung["target_accuracy"] for rung in ladder if rung.get("target_accuracy") is not None), None)
    yields = "yield" if target is None else f"yield at {figure(target)}"
    yield f"{'stage':<{width}}  {HEADINGS.get(metric, 'accuracy'):<8}       std   images  chips       p05  {yields}"
    for rung in ladder:
        chips = rung.get("chips")
        yield (
            f"{rung['stage']:<{width}}  {figure(rung['accuracy']):>8}  {figure(rung.get('std')):>8}  "
            f"{rung['count']:>7}  {'-' if chips is None else chips:>5}  {figure(rung.get('p05')):>8}  "
            f"{_percent(rung.get('yield')):>{len(yields)}}"
        )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _target_line(target: float, source: Mapping[str, Any], metric: str) -> str:
    said = f"target {(_figure if metric in NO_SHARES else _percent)(target)}"
    if source["type"] == "given":
        return f"{said}: given by evaluation.target_accuracy"
    if "times" in source:
        return f"{said}: {source['times']:g} times {source['rung']} of this run; a chip is good up to it"
    below = f"{100 * source['less']:g} point below {source['rung']} of this run"
    example = f'"evaluation": {{"target_accuracy": {max(math.floor(1e4 * target) / 1e4, 0.0001):g}}}'
    return f"{said}: {below}. Each run has its own: to compare yields, give every job {example}"
