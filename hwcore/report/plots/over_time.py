"""plots/accuracy_over_time.svg: the accuracy after drift, with its compensation and without."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from hwcore.report.at_time import AtTime
from hwcore.report.plots.accuracy_axis import Place, accuracy_axis
from hwcore.report.plots.sheet import BLUE, GREY, VERMILLION, sheet
from hwcore.report.report import Report
from hwcore.report.words import COMPENSATIONS, STAGES, UNITS, time_in_words
from hwcore.spec import ALL, METRICS

HEIGHT: Final = 3.4
"""Inches."""
COLOURS: Final = {"drift": BLUE, ALL: VERMILLION}
MARKS: Final = {"drift": "o", ALL: "s"}
REFERENCES: Final = {"hardware_aware": "as designed", "wires": "as designed,\nwith its wires"}
NAMED: Final = (1e-6, 1e-3, *sorted(size for size, _ in UNITS), 2592000.0, 315360000.0)
"""Round times for ticks, s: the units, a month of 30 days, ten years."""
ROOM: Final = 0.12
"""Share of the axis that the words of one tick need."""


def plot_over_time(path: Path, report: Report) -> None:
    """Draw accuracy against the time after the write, with and without compensation, for drift alone and all effects.

    A line is the mean over the chips, its band one standard deviation to either side.

    Args:
        path: the file, SVG; its folder is made.
        report: its accuracies over time are drawn, at least one; its ladder gives the line of the network as designed,
            with its wires where the costs are taken from that rung.

    Raises:
        ValueError: the report has no accuracy over time.
    """
    entries, reference = report.over_time, report.costs.reference
    if not entries:
        raise ValueError("over_time: got nothing; allowed: at least one accuracy with its time after the write")
    with sheet(path, HEIGHT) as figure:
        axes = figure.add_subplot()
        designed = [rung.accuracy for rung in report.ladder if rung.stage.name == reference]
        bands = [end for entry in entries for end in _band(entry)]
        facts = METRICS[report.metric]
        name = f"test {facts.title}{' (%)' * facts.share}"
        place = accuracy_axis(axes, "y", [*designed, *bands], name, share=facts.share)
        for accuracy in designed:
            axes.axhline(place(accuracy), color=GREY, linewidth=1.0, linestyle=":", label=REFERENCES[reference])
        lines = dict.fromkeys((entry.stage, entry.compensation) for entry in entries)
        # Lines without compensation come first, so that they lie below the others.
        for stage, compensation in sorted(lines, key=lambda line: (line[0] == ALL, line[1] != "none")):
            _line(axes, stage, compensation, entries, place)
        _time_axis(axes, sorted({entry.seconds for entry in entries}))
        figure.legend(loc="outside right upper", handlelength=2.6)


def _band(entry: AtTime) -> tuple[float, float]:
    std = entry.spread.std or 0.0
    return entry.spread.accuracy - std, entry.spread.accuracy + std


def _line(axes: Axes, stage: str, compensation: str, entries: Sequence[AtTime], place: Place) -> None:
    own = [entry for entry in entries if (entry.stage, entry.compensation) == (stage, compensation)]
    own.sort(key=lambda entry: entry.seconds)
    seconds, plain = [entry.seconds for entry in own], compensation == "none"
    colour = COLOURS.get(stage, GREY)
    low, high = ([place(_band(entry)[end]) for entry in own] for end in (0, 1))
    axes.fill_between(seconds, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.plot(
        seconds,
        [place(entry.spread.accuracy) for entry in own],
        color=colour,
        linestyle="--" if plain else "-",
        marker=MARKS.get(stage, "o"),
        markerfacecolor="white" if plain else colour,
        label=f"{STAGES.get(stage, stage)},\n{COMPENSATIONS.get(compensation, compensation)}",
    )


def _time_axis(axes: Axes, seconds: Sequence[float]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(seconds[0] / 1.6, seconds[-1] * 1.6)
    axes.xaxis.set_major_locator(FixedLocator(_ticks(seconds)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: time_in_words(value)))
    axes.set_xlabel("time after the write")


def _ticks(seconds: Sequence[float]) -> list[float]:
    """Times of the report, then round ones, as long as their words do not touch."""
    apart = ROOM * math.log(seconds[-1] * 1.6**2 / seconds[0])
    named = [time for time in NAMED if seconds[0] <= time <= seconds[-1]]
    ticks: list[float] = []
    for time in (seconds[0], seconds[-1], *seconds[1:-1], *named):
        if all(abs(math.log(time / tick)) >= apart for tick in ticks):
            ticks.append(time)
    return sorted(ticks)
