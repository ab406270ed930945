"""Pictures of a report as SVG: the ladder, the accuracy over time, the training; the same bytes for the same report."""

from hwcore.report.plots.ladder import plot_ladder
from hwcore.report.plots.over_time import plot_over_time
from hwcore.report.plots.training import plot_training

__all__ = ["plot_ladder", "plot_over_time", "plot_training"]
