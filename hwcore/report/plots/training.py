"""plots/training.svg: accuracy on the held-out images and sharpness of the staircases, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from hwcore.report.plots.accuracy_axis import accuracy_axis
from hwcore.report.plots.sheet import BLUE, GREY, sheet
from hwcore.report.report import Report
from hwcore.spec import METRICS, Metric
from hwcore.training import EpochRecord

HEIGHT: Final = 2.8
"""Height of the panel of accuracies, inches."""
BELOW: Final = 1.1
"""Height of the panel of sharpness, inches."""
MARKED: Final = 40
"""Largest number of epochs that are marked one by one."""
ALIKE: Final = "float_reference"
"""Stage that begins where the hardware-aware one does; only a job that asks for a reference has it."""
STAGES: Final = (
    ("float", "floating point", GREY, "o"),
    (ALIKE, "floating point, trained alike", GREY, "^"),
    ("hardware_aware", "hardware-aware", BLUE, "s"),
)
Records = Sequence[EpochRecord]


def plot_training(path: Path, report: Report) -> None:
    """Draw the accuracy on the held-out images over all epochs, and below it the sharpness, if anything sharpens.

    Args:
        path: the file, SVG; its folder is made.
        report: its curves `float`, `float_reference` if there is one, and `hardware_aware` are drawn.
    """
    curves = report.curves
    sharpens = any(record.sharpness is not None for records in curves.values() for record in records)
    heights = [HEIGHT, BELOW] if sharpens else [HEIGHT]
    with sheet(path, sum(heights)) as figure:
        panels: list[Axes] = list(figure.subplots(len(heights), sharex=True, height_ratios=heights, squeeze=False).flat)
        _accuracies(panels[0], curves, report.metric)
        if sharpens:
            _sharpness(panels[1], curves)
        panels[-1].set_xlabel("epoch")
        panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _accuracies(axes: Axes, curves: Mapping[str, Records], metric: Metric) -> None:
    held_out = [record.validation for records in curves.values() for record in records]
    word, share = METRICS[metric].held_out, metric == "accuracy"
    place = accuracy_axis(axes, "y", held_out, f"held-out {word}{' (%)' * share}", share=share)
    for words, colour, mark, epochs, records in _stages(curves):
        accuracies = [place(record.validation) for record in records]
        axes.plot(epochs, accuracies, color=colour, marker=mark, markersize=3.5, label=words)
    axes.legend(loc="lower right")


def _sharpness(axes: Axes, curves: Mapping[str, Records]) -> None:
    for _, colour, mark, epochs, records in _stages(curves):
        sharpness = [record.sharpness for record in records if record.sharpness is not None]
        if len(sharpness) == len(records):
            axes.plot(epochs, sharpness, color=colour, marker=mark, markersize=3.5)
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_ylabel("sharpness\n(1/step)")


def _stages(curves: Mapping[str, Records]) -> list[tuple[str, str, str, list[int], Records]]:
    """Words, colour, mark, epochs and records of every stage; epochs are counted on from stage to stage."""
    found, done = [], 0
    for stage, words, colour, mark in STAGES:
        records = curves.get(stage, ())
        if stage == ALIKE and not records:
            continue
        epochs = [done + record.epoch for record in records]
        found.append((words, colour, mark if len(records) <= MARKED else "", epochs, records))
        done += 0 if stage == ALIKE else len(records)
    return found
