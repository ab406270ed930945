"""The tables of accuracy.json, in Markdown: mean and sample standard deviation over the seeds."""

from __future__ import annotations

from benchmarks.experiments import EXPERIMENTS
from benchmarks.markdown import table
from benchmarks.summary import (
    Row,
    Spread,
    chips,
    groups,
    interval,
    loss,
    loss_from_start,
    loss_to_float,
    of_experiment,
    percent,
    referred,
    spread,
)

HEAD = (
    "corner",
    "method",
    "reference",
    "float",
    "rounded, full range",
    "rounded, least error",
    "hardware-aware",
    "loss [95 %]",
    "loss to float",
    "loss from start",
    "seeds",
)
STAGES = ("reference", "float", "rounded_full_range", "rounded_least_error", "hardware_aware")


def experiment_table(rows: list[Row], experiment: str) -> str:
    """One line for every corner and method; empty without rows."""
    lines = []
    for (corner, method), part in groups(of_experiment(rows, experiment)).items():
        cells = [
            str(spread(there, percent(stage))) if there else "-"
            for stage in STAGES
            for there in ([row for row in part if stage in row["accuracy"]],)
        ]
        paired = referred(part)
        losses = str(spread(part, loss_to_float)), str(spread(part, loss_from_start))
        honest = str(interval(paired, loss)) if paired else "-"
        lines.append([corner, method.replace("_", " "), *cells, honest, *losses, _seeds(part)])
    return table(HEAD, lines)


def _seeds(part: list[Row]) -> str:
    """Number of rows, how many of them have no reference, and how many were measured at least a day before theirs."""
    paired = referred(part)
    older = [row for row in paired if row["finished"][:10] < row["reference"]["finished"][:10]]
    notes = [f"{len(older)} older"] if older else []
    if paired and len(paired) < len(part):
        notes.append(f"loss of {len(paired)}")
    return f"{len(part)} ({', '.join(notes)})" if notes else str(len(part))


def chips_table(rows: list[Row], experiment: str) -> str:
    """Accuracy over drawn chips: the float network written as it is, and ours; empty where nothing was drawn."""
    lines = []
    for (corner, method), part in groups([row for row in of_experiment(rows, experiment) if "chips" in row]).items():
        for stage in part[0]["chips"]:
            within = Spread.of([100 * float(row["chips"][stage]["std"] or 0.0) for row in part]).mean
            drawn = str(part[0]["chips"][stage]["chips"])
            what = "plain training" if stage == "rounded_full_range" else f"hardware-aware, {method}"
            lines.append([corner, what, str(spread(part, chips(stage))), f"{within:.2f}", drawn, str(len(part))])
    return table(("corner", "trained", "mean over chips", "std over chips", "chips", "seeds"), lines)


def wins_table(rows: list[Row], experiment: str) -> str:
    """Table of the corners in which smooth and in which straight-through is ahead; empty unless both were measured.

    Rows of different machines start from float networks that are not quite the same; the last column is by how much,
    over the seeds.
    """
    found = groups(of_experiment(rows, experiment))
    lines = []
    for corner in EXPERIMENTS[experiment].corners:
        if (corner, "smooth") not in found or (corner, "straight_through") not in found:
            continue
        by_seed = {row["seed"]: row for row in found[corner, "straight_through"]}
        pairs = [(row, by_seed[row["seed"]]) for row in found[corner, "smooth"] if row["seed"] in by_seed]
        if pairs:
            gain, start = (
                Spread.of([percent(stage)(smooth) - percent(stage)(other) for smooth, other in pairs])
                for stage in ("hardware_aware", "float_start")
            )
            ahead = "smooth" if gain.mean > 0 else "straight through" if gain.mean < 0 else "neither"
            lines.append([corner, str(gain), ahead, str(gain.count), str(start)])
    head = ("corner", "smooth minus straight-through, points", "ahead", "seeds", "their float networks, likewise")
    return table(head, lines)


def print_tables(rows: list[Row]) -> None:
    """Print every table that has rows, experiment by experiment."""
    for name in EXPERIMENTS:
        for text in (experiment_table(rows, name), chips_table(rows, name), wins_table(rows, name)):
            if text:
                print(f"\n{name}\n\n{text}")
