"""Pictures of a report as SVG: the ladder, the accuracy over time, the training; the same bytes for the same report."""

from hwcore.plots.ladder import plot_ladder
from hwcore.plots.over_time import plot_over_time
from hwcore.plots.training import plot_training
from hwcore.plots.write import write_plots

__all__ = ["plot_ladder", "plot_over_time", "plot_training", "write_plots"]
