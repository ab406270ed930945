"""Rows as a run would have left them: every accuracy is made up, and the same for all but what a test says."""

from collections.abc import Callable
from typing import Any

from benchmarks.cases import Case, cases
from benchmarks.experiments import EXPERIMENTS, SEEDS


def rows(experiment: str, aware: Callable[[Case], float] = lambda _: 0.98, seeds: Any = SEEDS) -> list[dict[str, Any]]:
    """One row for every case of an experiment that this mho can describe.

    The reference is 0.986, float 0.985, its start 0.984.
    """
    found, _ = cases([experiment], seeds)
    return [_row(case, aware(case)) for case in found]


def _row(case: Case, aware: float) -> dict[str, Any]:
    row: dict[str, Any] = {
        "experiment": case.experiment,
        "corner": case.corner,
        "method": case.method,
        "seed": case.seed,
        "key": case.key,
        "accuracy": {"reference": 0.986, "float": 0.985, "float_start": 0.984, "hardware_aware": aware},
        "finished": "2026-11-28T10:00:00+00:00",
        "reference": {"finished": "2026-11-28T23:00:00+00:00"},
        "loss_points": 100 * (0.985 - aware),
        "loss_from_start_points": 100 * (0.984 - aware),
    }
    if case.experiment.startswith("crosssim"):
        row["chips"] = {
            "rounded_full_range": {"accuracy": 0.937, "std": 0.01, "chips": 25},
            "hardware_aware": {"accuracy": aware, "std": 0.002, "chips": 25},
        }
    return row


def corner_count(experiment: str) -> int:
    """How many corners an experiment has."""
    return len(EXPERIMENTS[experiment].corners)
