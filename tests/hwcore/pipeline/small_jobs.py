"""Jobs on the digits that take a second, and how to look at what they leave behind."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hwcore.export import FILES
from hwcore.pipeline.parts.chip_tasks import Task
from hwcore.progress import Progress
from hwcore.spec import CompileJob, parse_compile_job

ARTIFACTS = {"manifest.json", *(file.name.partition("/")[0] for file in FILES)}
"""Files and folders in the folder of a job."""
STAGES = ("data", "float", "hardware_aware", "mapping", "evaluation", "export")
"""The stages of a compile job, in the order in which they run."""
CELL: dict[str, Any] = {
    "levels": 4,
    "g_max": 5e-5,
    "on_off_ratio": 8,
    "spacing": {"type": "exponential", "curvature": 2},
    "negative": {"gain": 0.8},
}
HARDWARE: dict[str, Any] = {
    "cell": CELL,
    "activation": {"function": "relu", "bits": 2},
    "input": {"bits": 4},
    "array": {"rows": 30, "cols": 12},
    "noise": {"programming": {"type": "additive", "sigma_ratio": 0.05}},
}
EVERYTHING: dict[str, Any] = {
    **HARDWARE,
    "array": {"rows": 32, "cols": 16, "wire_resistance": {"word": 2.0, "bit": 2.0}, "sense_resistance": 20.0},
    "adc": {"bits": 6, "range": {"type": "calibrated"}},
    "noise": {
        "programming": {"type": "additive", "sigma_ratio": 0.05},
        "stuck_at": {"stuck_on": 0.005, "stuck_off": 0.005},
        "drift": {
            "type": "power_law",
            "exponent": 0.05,
            "exponent_sigma": 0.02,
            "t0": 2.0,
            "compensation": "per_tile",
        },
        "read": {"type": "proportional", "sigma_ratio": 0.03},
    },
    "calibration": "per_column",
}
"""A chip with every effect there is, calibrated."""
CNN: dict[str, Any] = {
    "type": "cnn",
    "convolutions": [
        {"channels": 6, "kernel": 3, "padding": 1, "pool": {"type": "max", "size": 2}},
        {"channels": 8, "kernel": 3},
    ],
    "hidden": [16],
}
"""Maps of 6 x 4 x 4 and 8 x 2 x 2."""


def job(hardware: Any = HARDWARE, model: Any = None, training: Any = None, evaluation: Any = None) -> CompileJob:
    """A small network for one chip; what is given is laid over it."""
    return parse_compile_job(
        {
            "name": "small",
            "labels": {"lot": "7"},
            "hardware": hardware,
            "dataset": "digits",
            "model": model if model is not None and "type" in model else {"hidden": [32], **(model or {})},
            "training": {"epochs": 2, "batch": 32, **(training or {})},
            "evaluation": {"chips": 4, **(evaluation or {})},
        }
    )


def tiny(**training: Any) -> CompileJob:
    """One epoch of a handful of units and two chips: for tests that care for files and not for accuracy."""
    return job(model={"hidden": [4]}, training={"epochs": 1, "batch": 256, **training}, evaluation={"chips": 2})


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest, which says when and where."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everything_below(folder: Path) -> set[str]:
    """Every file and folder, hidden ones too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


class Listener:
    """Keeps every message of a job."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []

    def __call__(self, progress: Progress) -> None:
        self.heard.append(progress)


def task_names(tasks: Iterable[Task]) -> dict[str, str]:
    """Names of tasks by what stands before their digests: where a test has one task for each, as most do."""
    return {task.name.rpartition("-")[0]: task.name for task in tasks}
