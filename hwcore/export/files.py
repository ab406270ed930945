"""Every file that a job leaves behind, as a table; manifest.json, which lists them, comes after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from hwcore.export.conductances import write_conductances
from hwcore.export.file import File, Writer
from hwcore.export.netlists import write_netlists
from hwcore.export.predictions import write_predictions
from hwcore.export.results import Results
from hwcore.export.text import write_json
from hwcore.export.tiles import write_tiles
from hwcore.export.weights import write_weights
from hwcore.report import Report, plot_ladder, plot_over_time, plot_training
from hwcore.spec import CompileJob, over_time


def _write_report(path: Path, results: Results) -> None:
    write_json(path, results.report.to_json())


def _looks_over_time(job: CompileJob) -> bool:
    return over_time(job.examination())


def _has_netlists(job: CompileJob) -> bool:
    return job.netlists != "none"


def _picture(plot: Callable[[Path, Report], None]) -> Writer:
    def write(path: Path, results: Results) -> None:
        plot(path, results.report)

    return write


FILES: Final = (
    File("report.json", _write_report),
    File("weights.safetensors", write_weights),
    File("conductances.npz", write_conductances),
    File("predictions.npz", write_predictions),
    File("tiles.json", write_tiles),
    File("netlist/<tile>.sp", write_netlists, _has_netlists),
    File("plots/ladder.svg", _picture(plot_ladder)),
    File("plots/training.svg", _picture(plot_training)),
    File("plots/accuracy_over_time.svg", _picture(plot_over_time), _looks_over_time),
)
"""The files in the order in which they are written. A further export is one file of this package and one row."""


def write_files(folder: Path, results: Results) -> None:
    """Write every file that the job wants.

    Args:
        folder: of the job; it exists.
        results: the source of all of them.

    Raises:
        OSError: a file cannot be written.
    """
    for file in FILES:
        if file.wanted(results.job):
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            file.write(path, results)
