"""plots/ladder.svg: the accuracy of every rung, with its error bar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from hwcore.report.plots.accuracy_axis import Place, accuracy_axis
from hwcore.report.plots.sheet import BLACK, BLUE, GREY, VERMILLION, sheet
from hwcore.report.report import Report
from hwcore.report.rung import ChipsRung, Rung
from hwcore.report.words import stage_in_words
from hwcore.spec import ALL, METRICS, Stage

ROW: Final = 0.25
"""Inches from rung to rung."""
REST: Final = 1.15
"""Inches around the rungs."""
COLOURS: Final = {"float": GREY, "rounded": GREY, "hardware_aware": BLACK, ALL: VERMILLION}
"""Colours by stage; any other stage is one effect, and blue."""
WIRED: Final = {**COLOURS, "hardware_aware": GREY, "wires": BLACK}
"""Colours where the network was trained through its wires, so that the rung without them is no result."""


def plot_ladder(path: Path, report: Report) -> None:
    """Draw a rung per line, in the order of the report: its accuracy, its error bar, and both as numbers.

    A single network has its 95 % interval given the number of test images; drawn chips have their mean, one standard
    deviation to either side, and a stroke at their 5th percentile. Of a network that was trained through its wires, the
    rung with its wires is black and named as the reference, and a dotted line goes down from it.

    Args:
        path: the file, SVG; its folder is made.
        report: its ladder is drawn; its costs name the reference.
    """
    rungs, reference = report.ladder, report.costs.reference
    with sheet(path, REST + ROW * len(rungs)) as figure:
        axes = figure.add_subplot()
        axes.grid(axis="y", visible=False)
        facts = METRICS[report.metric]
        name = f"test {facts.title}{' (%)' * facts.share}, {rungs[0].count:,} images"
        reach = [end for rung in rungs for end in _reach(rung)]
        place = accuracy_axis(axes, "x", reach, name, share=facts.share)
        colours = COLOURS if reference == "hardware_aware" else WIRED
        for line, rung in enumerate(rungs):
            _rung(axes, line, rung, place, colours.get(rung.stage.name, BLUE), share=facts.share)
            if rung.stage.name == reference != "hardware_aware":
                height = [line, len(rungs) - 0.4]
                axes.plot([place(rung.accuracy)] * 2, height, color=BLACK, linewidth=1.0, linestyle=":", zorder=0)
        axes.set_ylim(len(rungs) - 0.4, -0.6)
        axes.set_yticks(range(len(rungs)), [_name(rung.stage, reference) for rung in rungs])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        _legend(axes, rungs)


def _reach(rung: Rung) -> tuple[float, float, float, float]:
    """The accuracy, both ends of its error bar, and the 5th percentile of chips, or else the accuracy again."""
    if isinstance(rung, ChipsRung):
        spread = rung.std or 0.0
        return rung.accuracy, rung.accuracy - spread, rung.accuracy + spread, rung.p05
    return rung.accuracy, *(rung.ci95 or (rung.accuracy, rung.accuracy)), rung.accuracy


def _name(stage: Stage, reference: str) -> str:
    words = stage_in_words(stage)
    return f"{words} (reference)" if stage.name == reference != "hardware_aware" else words


def _rung(axes: Axes, line: int, rung: Rung, place: Place, colour: str, *, share: bool) -> None:
    chips = isinstance(rung, ChipsRung)
    accuracy, low, high, percentile = map(place, _reach(rung))
    axes.errorbar(
        accuracy,
        line,
        xerr=[[max(accuracy - low, 0.0)], [max(high - accuracy, 0.0)]],
        fmt="s" if chips else "o",
        color=colour,
        elinewidth=1.2,
        capthick=1.2,
    )
    if chips:
        axes.plot(percentile, line, "|", color=colour, markersize=8)
    number = f"{100 * rung.accuracy:.2f}" if share else f"{rung.accuracy:.4g}"
    if isinstance(rung, ChipsRung) and rung.std is not None:
        number += f" ± {100 * rung.std:.2f}" if share else f" ± {rung.std:.2g}"
    where = blended_transform_factory(axes.transAxes, axes.transData)
    axes.text(1.03, line, number, transform=where, va="center_baseline", ha="left", color=colour)


def _legend(axes: Axes, rungs: Sequence[Rung]) -> None:
    counts = sorted({rung.chips for rung in rungs if isinstance(rung, ChipsRung)})
    axes.plot([], [], "o-", color=GREY, label="one network, 95 % interval")
    if counts:
        words = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
        axes.plot([], [], "s-", color=GREY, label=f"{words} chips, mean ± standard deviation")
        axes.plot([], [], "|", color=GREY, markersize=8, label="5th percentile")
    axes.figure.legend(loc="outside lower center", ncols=3, handlelength=1.6, columnspacing=1.4)
