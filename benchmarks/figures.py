"""Record of a benchmark: figures with their limits, the rows behind them, the commit and the machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from hwcore.pipeline.parts.machine import versions
from hwcore.processors import available_threads

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One number and where it has to lie.

    Attributes:
        name: stable name.
        value: measured.
        unit: of value and limit.
        limit: largest allowed value (smallest, if at_least); None: only recorded.
        at_least: whether the limit is a lower one.
        half_width: of the 95 % interval over the seeds; None: it has none.
        seeds: that it is a mean over; None: it is no mean.
        over: the word for what is counted: seeds, folds or speakers.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    half_width: float | None = None
    seeds: int | None = None
    over: str = "seeds"

    @property
    def spread(self) -> dict[str, float | int | str]:
        """Interval and number of seeds, where there are any, and the word for what is counted in their place."""
        named = {
            "half_width": self.half_width,
            "seeds": self.seeds,
            "over": None if self.over == "seeds" else self.over,
        }
        return {name: value for name, value in named.items() if value is not None}

    @property
    def holds(self) -> bool | None:
        """True where the value keeps the limit; None without one."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def commit() -> str | None:
    """The commit of this checkout, with "+" where files differ from it; None outside of git.

    A copy without its history, on a machine that only measures, takes MHO_BENCHMARK_COMMIT.
    """
    here = RESULTS.parent
    found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, cwd=here)
    if found.returncode != 0:
        return os.environ.get("MHO_BENCHMARK_COMMIT")
    compared = ["git", "diff", "--quiet", "HEAD", "--", "../hwcore", "../benchmarks/*.py"]
    changed = subprocess.run(compared, capture_output=True, cwd=here)
    return found.stdout.strip() + ("+" if changed.returncode == 1 else "")


def record(
    name: str, figures: list[Figure], rows: list[dict[str, Any]], seconds: float, folder: Path = RESULTS
) -> None:
    """Print one row per figure and write NAME.json into the folder, in whole or not at all."""
    for figure in figures:
        verdict = {None: "", True: "holds", False: "falls short"}[figure.holds]
        relation = "at least" if figure.at_least else "at most"
        limit = "" if figure.limit is None else f"{relation} {figure.limit:g}"
        print(f"{figure.name:<28} {figure.value:10.4g} {figure.unit:<8} {limit:<14} {verdict}")
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "commit": commit(),
        "machine": {
            "processor": platform.machine(),
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "cores": available_threads(),
        },
        "versions": versions(),
        "seconds": round(seconds, 1),
        "figures": {
            figure.name: {
                "value": figure.value,
                "unit": figure.unit,
                "limit": figure.limit,
                "at_least": figure.at_least,
                "holds": figure.holds,
                **figure.spread,
            }
            for figure in figures
        },
        "rows": rows,
    }
    partial = folder / f".{name}.json"
    partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    partial.replace(folder / f"{name}.json")
