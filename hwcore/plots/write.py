"""All pictures of a report in their folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwcore.plots.ladder import plot_ladder
from hwcore.plots.over_time import plot_over_time
from hwcore.plots.training import plot_training


def write_plots(folder: Path, report: Mapping[str, Any]) -> None:
    """Write plots/ladder.svg, plots/training.svg and, where the report has times, plots/accuracy_over_time.svg.

    Args:
        folder: of the artifacts.
        report: as in report.json.
    """
    plots = folder / "plots"
    plot_ladder(plots / "ladder.svg", report)
    plot_training(plots / "training.svg", report)
    if report.get("over_time"):
        plot_over_time(plots / "accuracy_over_time.svg", report)
