"""The figures of `benchmarks.accuracy` and their limits; a figure only where every row that it needs is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from statistics import fmean

from benchmarks.experiments import BREVITAS, EXPERIMENTS, SEEDS
from benchmarks.figures import Figure
from benchmarks.summary import (
    Interval,
    Row,
    chips,
    groups,
    interval,
    loss,
    loss_from_start,
    of_experiment,
    percent,
    referred,
    spread,
)

LOSS_2BIT, LOSS_1BIT, LOSS_EMNIST = 0.10, 0.20, 0.3
"""Points that no corner may clearly lose: its 95 % interval lies above."""
MEAN_2BIT, MEAN_1BIT = 0.05, 0.15
MEAN_2BIT_BY_DEFAULT, MEAN_1BIT_BY_DEFAULT = 0.10, 0.20
"""Points that the corners may lose in the mean."""
LOSS_BY_ACTIVATION = {1: 0.5, 2: 0.10, 3: 0.10, 4: 0.10}
AT_LEAST = {"tfc": 95.0, "sfc": 98.3, "lfc": 98.9}
CROSSSIM = 98.0
BY_DEFAULT = "_by_default"
"""Suffix of the figures of the corners whose limits are those of the default training, which is the long one."""
SHORT = "_short"
"""Suffix of figures of the short training, which was the default before."""


def figures_of(rows: list[Row]) -> list[Figure]:
    """Every figure whose rows are complete, all seeds."""
    makers: dict[str, Callable[[list[Row]], Iterable[Figure]]] = {
        "corners": _corners,
        "activations": _activations,
        "corners_short": partial(_corners_alone, suffix=SHORT),
        "emnist": _emnist,
        "published": _published,
        "crosssim_tutorial": partial(_crosssim, plain="crosssim_plain", aware="crosssim_tutorial"),
        "crosssim_longer": partial(_crosssim, plain="crosssim_longer_plain", aware="crosssim_longer"),
        "crosssim_calibrated": partial(_crosssim, plain="crosssim_calibrated_plain", aware="crosssim_calibrated"),
        "brevitas": _brevitas,
        "brevitas_short": partial(_brevitas, suffix=SHORT),
    }
    return [figure for name, make in makers.items() for figure in make(_complete(of_experiment(rows, name)))]


def incomplete(rows: list[Row]) -> list[str]:
    """One line for each experiment that lacks rows."""
    found = []
    for name, experiment in EXPERIMENTS.items():
        there = len(of_experiment(rows, name))
        wanted = len(experiment.corners) * sum(len(experiment.seeds_of(method)) for method in experiment.methods)
        if there < wanted:
            found.append(f"{name}: {there} of {wanted} rows; what lacks a row is no figure yet")
    return found


def _complete(rows: list[Row]) -> list[Row]:
    return [row for part in groups(rows).values() if {row["seed"] for row in part} >= set(SEEDS) for row in part]


def _means(rows: list[Row], number: Callable[[Row], float], method: str = "smooth") -> dict[str, float]:
    return {corner: spread(part, number).mean for (corner, by), part in groups(rows).items() if by == method}


def _corners(rows: list[Row]) -> Iterable[Figure]:
    """The default training is that of the corners: their means have a limit as such, and one for any default."""
    yield from _corners_alone(rows, limits=(MEAN_2BIT, MEAN_1BIT))
    for figure in _corners_alone(rows, BY_DEFAULT, limits=(MEAN_2BIT_BY_DEFAULT, MEAN_1BIT_BY_DEFAULT)):
        if figure.name.startswith("mnist_mean"):
            yield figure


def _corners_alone(
    rows: list[Row], suffix: str = "", *, limits: tuple[float | None, float | None] = (None, None)
) -> Iterable[Figure]:
    corners = EXPERIMENTS["corners"].corners
    for bits, limit, clear, chosen in (
        ("2bit", limits[0], LOSS_2BIT, {corner for corner in corners if corner[0] != "1"}),
        ("1bit", limits[1], LOSS_1BIT, {corner for corner in corners if corner[0] == "1"}),
    ):
        losses = _losses(rows, chosen)
        if losses:
            mean = Interval.of([fmean(by_corner.values()) for by_corner in losses.values()])
            yield Figure(
                f"mnist_mean_loss_{bits}{suffix}",
                mean.mean,
                "points",
                limit,
                half_width=mean.half_width,
                seeds=mean.count,
            )
            each = {corner: Interval.of([by_corner[corner] for by_corner in losses.values()]) for corner in chosen}
            worst = max(each.values(), key=lambda interval: interval.mean)
            yield Figure(
                f"worst_loss_{bits}{suffix}", worst.mean, "points", half_width=worst.half_width, seeds=worst.count
            )
            above = sum(interval.low is not None and round(interval.low, 6) > clear for interval in each.values())
            none = None if limit is None else 0.0
            yield Figure(f"corners_clearly_above_{clear:g}_{bits}{suffix}", above, "corners", none)
    of_both = [row for row in rows if row["seed"] in SEEDS]
    smooth = _means(of_both, percent("hardware_aware"))
    other = _means(of_both, percent("hardware_aware"), "straight_through")
    if set(smooth) == set(other) == set(corners):
        gain = fmean(smooth[c] - other[c] for c in smooth)
        yield Figure("smooth_minus_ste" + suffix, gain, "points", None if suffix else 0.0, at_least=True)


def _losses(rows: list[Row], corners: set[str]) -> dict[int, dict[str, float]]:
    """Losses of smooth by seed and corner, of the seeds that all corners have; none where these are too few."""
    found: dict[int, dict[str, float]] = {}
    for row in referred(rows):
        if row["method"] == "smooth" and row["corner"] in corners:
            found.setdefault(row["seed"], {})[row["corner"]] = loss(row)
    whole = {seed: by_corner for seed, by_corner in found.items() if set(by_corner) == corners}
    return whole if set(whole) >= set(SEEDS) else {}


def _activations(rows: list[Row]) -> Iterable[Figure]:
    for (corner, _), part in groups(referred(rows)).items():
        bits, found = int(corner[0]), interval(part, loss)
        if {row["seed"] for row in part} >= set(SEEDS):
            yield Figure(
                f"activation_{bits}bit_loss",
                found.mean,
                "points",
                LOSS_BY_ACTIVATION[bits],
                half_width=found.half_width,
                seeds=found.count,
            )


def _emnist(rows: list[Row]) -> Iterable[Figure]:
    corners = set(EXPERIMENTS["emnist"].corners)
    losses = _losses(rows, corners)
    if losses:
        each = [Interval.of([by_corner[corner] for by_corner in losses.values()]) for corner in corners]
        worst = max(each, key=lambda interval: interval.mean)
        yield Figure(
            "emnist_worst_loss",
            worst.mean,
            "points",
            LOSS_EMNIST,
            half_width=worst.half_width,
            seeds=worst.count,
        )
    if set(_means(rows, loss_from_start)) == corners:
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
            yield Figure(
                f"brevitas_minus_smooth_{corner[0]}bit{suffix}",
                best - smooth[corner],
                "points",
                None if suffix else 0.0,
            )
