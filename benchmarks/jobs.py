"""Runs a job file as `mho compile` does, and keeps what the tables need."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from hwcore.pipeline import run
from hwcore.spec import CompileJob, parse_compile_job, representable

EXAMPLES = Path(__file__).parent.parent / "examples"


def data_dir() -> Path | None:
    """Return the folder of MHO_DATA_DIR, or the one next to the project if it is there."""
    stated = os.environ.get("MHO_DATA_DIR")
    shared = Path(__file__).parent.parent.parent / "shared" / "data"
    return Path(stated) if stated else shared if shared.is_dir() else None


def example(name: str) -> CompileJob:
    """One of the job files in examples/."""
    return parse_compile_job((EXAMPLES / f"{name}.json").read_bytes())


def measure(job: CompileJob) -> dict[str, Any]:
    """Run the job into a temporary folder.

    Returns:
        The job's name, dataset and number of representable weights, the accuracy of every rung and its spread over
        chips, the losses against floating point in points, and the seconds of the whole job.
    """
    with tempfile.TemporaryDirectory(prefix="mho-bench-") as folder:
        started = time.perf_counter()
        report = run(job, Path(folder) / "out", data_dir=data_dir())
        seconds = time.perf_counter() - started
    ladder = {rung["stage"]: rung for rung in report["ladder"]}
    accuracy = {stage: rung["accuracy"] for stage, rung in ladder.items()}
    return {
        "name": job.name,
        "dataset": report["dataset"]["split"],
        "weights": len(representable(job.described_hardware).value),
        "accuracy": accuracy,
        "rounding": {key: report["rounding"][key] for key in ("full_range", "least_error")},
        "programming_std": ladder["programming"]["std"],
        "loss_points": 100 * (accuracy["float"] - accuracy["hardware_aware"]),
        "rounding_loss_points": 100 * (accuracy["float"] - accuracy["rounded"]),
        "seconds": round(seconds, 1),
    }
