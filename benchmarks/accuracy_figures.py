"""The figures of `benchmarks.accuracy` and their limits; a figure only where every row that it needs is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from statistics import fmean

from benchmarks.experiments import BREVITAS, EXPERIMENTS, SEEDS
from benchmarks.figures import Figure
from benchmarks.summary import Row, chips, groups, loss, loss_from_start, of_experiment, percent, spread

LOSS_2BIT, LOSS_1BIT, LOSS_EMNIST = 0.10, 0.20, 0.3
LOSS_BY_ACTIVATION = {1: 0.5, 2: 0.10, 3: 0.10, 4: 0.10}
AT_LEAST = {"tfc": 95.0, "sfc": 98.3, "lfc": 98.9}
CROSSSIM = 98.0
BY_DEFAULT = "_by_default"
"""Suffix of figures whose training is the default one."""


def figures_of(rows: list[Row]) -> list[Figure]:
    """Every figure whose rows are complete, all seeds."""
    makers: dict[str, Callable[[list[Row]], Iterable[Figure]]] = {
        "corners": partial(_corners, limit_2bit=LOSS_2BIT, limit_1bit=LOSS_1BIT),
        "activations": _activations,
        "corners_by_default": partial(_corners, suffix=BY_DEFAULT),
        "emnist": _emnist,
        "published": _published,
        "crosssim_tutorial": partial(_crosssim, plain="crosssim_plain", aware="crosssim_tutorial"),
        "crosssim_calibrated": partial(_crosssim, plain="crosssim_calibrated_plain", aware="crosssim_calibrated"),
        "brevitas": _brevitas,
        "brevitas_by_default": partial(_brevitas, suffix=BY_DEFAULT),
    }
    return [figure for name, make in makers.items() for figure in make(_complete(of_experiment(rows, name)))]


def incomplete(rows: list[Row]) -> list[str]:
    """One line for each experiment that lacks rows."""
    found = []
    for name, experiment in EXPERIMENTS.items():
        there = len(of_experiment(rows, name))
        wanted = len(experiment.corners) * len(experiment.methods) * len(SEEDS)
        if there < wanted:
            found.append(f"{name}: {there} of {wanted} rows; what lacks a row is no figure yet")
    return found


def _complete(rows: list[Row]) -> list[Row]:
    return [row for part in groups(rows).values() if {row["seed"] for row in part} >= set(SEEDS) for row in part]


def _means(rows: list[Row], number: Callable[[Row], float], method: str = "smooth") -> dict[str, float]:
    return {corner: spread(part, number).mean for (corner, by), part in groups(rows).items() if by == method}


def _corners(
    rows: list[Row], suffix: str = "", *, limit_2bit: float | None = None, limit_1bit: float | None = None
) -> Iterable[Figure]:
    corners = EXPERIMENTS["corners"].corners
    losses = _means(rows, loss)
    for name, limit, chosen in (
        ("worst_loss_2bit", limit_2bit, [corner for corner in corners if corner[0] != "1"]),
        ("worst_loss_1bit", limit_1bit, [corner for corner in corners if corner[0] == "1"]),
    ):
        if set(chosen) <= set(losses):
            yield Figure(name + suffix, max(losses[corner] for corner in chosen), "points", limit)
    smooth = _means(rows, percent("hardware_aware"))
    other = _means(rows, percent("hardware_aware"), "straight_through")
    if set(smooth) == set(other) == set(corners):
        gain = fmean(smooth[c] - other[c] for c in smooth)
        yield Figure("smooth_minus_ste" + suffix, gain, "points", 0.0, at_least=True)


def _activations(rows: list[Row]) -> Iterable[Figure]:
    for corner, value in _means(rows, loss).items():
        bits = int(corner[0])
        yield Figure(f"activation_{bits}bit_loss", value, "points", LOSS_BY_ACTIVATION[bits])


def _emnist(rows: list[Row]) -> Iterable[Figure]:
    losses = _means(rows, loss)
    if set(losses) == set(EXPERIMENTS["emnist"].corners):
        yield Figure("emnist_worst_loss", max(losses.values()), "points", LOSS_EMNIST)
        yield Figure("emnist_worst_loss_from_start", max(_means(rows, loss_from_start).values()), "points")


def _published(rows: list[Row]) -> Iterable[Figure]:
    for name, value in _means(rows, percent("hardware_aware")).items():
        yield Figure(name, value, "%", AT_LEAST[name], at_least=True)


def _crosssim(rows: list[Row], *, plain: str, aware: str) -> Iterable[Figure]:
    for value in _means(rows, chips("rounded_full_range")).values():
        yield Figure(plain, value, "%")
    for value in _means(rows, chips("hardware_aware")).values():
        yield Figure(aware, value, "%", CROSSSIM, at_least=True)


def _brevitas(rows: list[Row], suffix: str = "") -> Iterable[Figure]:
    """Compare with the better of the two ways to scale with Brevitas."""
    smooth = _means(rows, percent("hardware_aware"))
    others = [_means(rows, percent("hardware_aware"), method) for method in BREVITAS]
    for corner in EXPERIMENTS["brevitas"].corners:
        if corner in smooth and all(corner in other for other in others):
            best = max(other[corner] for other in others)
            yield Figure(f"brevitas_minus_smooth_{corner[0]}bit{suffix}", best - smooth[corner], "points", 0.0)
