"""plots/ladder.svg: the accuracy of every rung, with its error bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from hwcore.plots.accuracy_axis import Place, accuracy_axis
from hwcore.plots.sheet import BLACK, BLUE, GREY, VERMILLION, sheet
from hwcore.plots.words import reference_stage, stage_in_words
from hwcore.spec import Stage

ROW: Final = 0.25
"""Inches from rung to rung."""
REST: Final = 1.15
"""Inches for what is around them."""
COLOURS: Final = {"float": GREY, "rounded": GREY, "hardware_aware": BLACK, "all": VERMILLION}
"""By stage; any other, which is one effect, is blue."""
WIRED: Final = {**COLOURS, "hardware_aware": GREY, "wires": BLACK}
"""The same where the network was trained through its wires, and without them is no network that anybody wants."""


def plot_ladder(path: Path, report: Mapping[str, Any]) -> None:
    """Draw a rung per line, in the order of the report: its accuracy, its error bar, and both as numbers.

    A single network has its 95 % interval given the number of test images; drawn chips have their mean, one standard
    deviation to either side, and a stroke at their 5th percentile. Of a network that was trained through its wires, the
    rung with its wires is black and named as the reference, and a dotted line goes down from it.

    Args:
        path: the file, SVG; its folder is made.
        report: has `ladder`, a list of {stage, accuracy, std, count, chips} and, where there are, ci95 and p05;
            `costs` may say which rung is the reference.
    """
    rungs: Sequence[Mapping[str, Any]] = report["ladder"]
    with sheet(path, REST + ROW * len(rungs)) as figure:
        axes = figure.add_subplot()
        axes.grid(axis="y", visible=False)
        name = f"test accuracy (%), {rungs[0]['count']:,} images"
        place = accuracy_axis(axes, "x", [end for rung in rungs for end in _reach(rung)], name)
        reference = reference_stage(report)
        colours = COLOURS if reference == "hardware_aware" else WIRED
        for line, rung in enumerate(rungs):
            _rung(axes, line, rung, place, colours.get(Stage.read(rung["stage"]).name, BLUE))
            if rung["stage"] == reference != "hardware_aware":
                height = [line, len(rungs) - 0.4]
                axes.plot([place(rung["accuracy"])] * 2, height, color=BLACK, linewidth=1.0, linestyle=":", zorder=0)
        axes.set_ylim(len(rungs) - 0.4, -0.6)
        axes.set_yticks(range(len(rungs)), [_name(rung["stage"], reference) for rung in rungs])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        _legend(axes, rungs)


def _reach(rung: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """The accuracy, both ends of its error bar, and the 5th percentile; what is not there is the accuracy itself."""
    accuracy = float(rung["accuracy"])
    spread = rung.get("std") or 0.0
    low, high = rung.get("ci95") or (accuracy - spread, accuracy + spread)
    percentile = rung.get("p05")
    return accuracy, float(low), float(high), accuracy if percentile is None else float(percentile)


def _name(stage: str, reference: str) -> str:
    words = stage_in_words(stage)
    return f"{words} (reference)" if stage == reference != "hardware_aware" else words


def _rung(axes: Axes, line: int, rung: Mapping[str, Any], place: Place, colour: str) -> None:
    chips = rung["chips"]
    accuracy, low, high, percentile = map(place, _reach(rung))
    axes.errorbar(
        accuracy,
        line,
        xerr=[[max(accuracy - low, 0.0)], [max(high - accuracy, 0.0)]],
        fmt="o" if chips is None else "s",
        color=colour,
        elinewidth=1.2,
        capthick=1.2,
    )
    if chips is not None:
        axes.plot(percentile, line, "|", color=colour, markersize=8)
    number = f"{100 * rung['accuracy']:.2f}"
    if chips is not None and rung.get("std") is not None:
        number += f" ± {100 * rung['std']:.2f}"
    where = blended_transform_factory(axes.transAxes, axes.transData)
    axes.text(1.03, line, number, transform=where, va="center_baseline", ha="left", color=colour)


def _legend(axes: Axes, rungs: Sequence[Mapping[str, Any]]) -> None:
    drawn = sorted({rung["chips"] for rung in rungs if rung["chips"] is not None})
    axes.plot([], [], "o-", color=GREY, label="one network, 95 % interval")
    if drawn:
        of = f"{drawn[0]:,}" if len(drawn) == 1 else f"{drawn[0]:,} to {drawn[-1]:,}"
        axes.plot([], [], "s-", color=GREY, label=f"{of} chips, mean ± standard deviation")
        axes.plot([], [], "|", color=GREY, markersize=8, label="5th percentile")
    axes.figure.legend(loc="outside lower center", ncols=3, handlelength=1.6, columnspacing=1.4)
