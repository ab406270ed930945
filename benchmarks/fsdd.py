"""`python -m benchmarks.fsdd`: spoken digits, all 3,000 recordings by ten folds, and one speaker left out; resumable.

A fold tests on five recordings of every speaker and digit, in the order of the file: the first is the official split.
MFCC of both signs, normalised by coefficient, through 8 bits; 4-bit activations. The 2-bit cells are those of the other
grids; pcm-joshi-2020 is judged by 25 chips a day after the write, with 8-bit converters and calibrated columns, once as
they are and once with the depthwise layers exact, their converters too. Rate and reference are chosen on held-out
recordings of the first fold, which other folds and speakers test on; every network is judged once on the recordings
that its fold tests on.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
import torch

from benchmarks import row_store
from benchmarks.experiments import MAIN_CELL, Document, hardware
from benchmarks.figures import RESULTS, Figure, record
from benchmarks.grid import CPU, RATES, Budget, Grid, Row, best_rate, differences, interval_figure, judged, score
from benchmarks.jobs import data_dir
from benchmarks.markdown import table
from benchmarks.summary import Interval
from hwcore.crossbar import Chip, as_designed
from hwcore.datasets import Dataset, load
from hwcore.datasets.fsdd import FILE
from hwcore.datasets.npz import read_npz
from hwcore.layers import FloatNetwork, HardwareNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.as_built import judge_of
from hwcore.pipeline.parts.correct_images import correct_images
from hwcore.pipeline.parts.data import JobData, job_data
from hwcore.pipeline.parts.float_reference import best_of, search_reference, train_reference
from hwcore.pipeline.parts.networks import train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import (
    CompileJob,
    Condition,
    Course,
    ReferenceChoice,
    load_preset,
    parse_compile_job,
    present_effects,
)
from hwcore.training import Examples

ROWS: Final = "fsdd.rows.jsonl"
PCM: Final = "pcm-joshi-2020"
CELLS: Final = "2 bit"
DAY: Final = 86_400.0
CHIPS: Final = 25
FOLDS: Final = 10
RECORDINGS: Final = 5
"""Recordings of every speaker and digit in a fold."""
NETWORKS: Final[Mapping[str, Document]] = {
    "ds-cnn": {"type": "ds-cnn", "normalization": "batch"},
    "dense": {"type": "ds-cnn", "normalization": "batch", "separable": False},
    "lstm": {"type": "lstm"},
}
LIMITS: Final[Mapping[tuple[str, str], float | None]] = {
    ("ds-cnn", CELLS): 1.0,
    ("lstm", CELLS): None,
    ("dense", PCM): 0.8,
    ("ds-cnn", PCM): 2.0,
}
"""Network and chip, and the points that the network may lose there."""


@dataclass(frozen=True)
class Split:
    """Recordings to train and to test on.

    Attributes:
        by: "fold", or "speaker".
        number: of the fold, or of the speaker that is left out, in the order of their names.
    """

    by: str
    number: int

    def __str__(self) -> str:
        return f"{self.by} {self.number}"


@cache
def recordings() -> tuple[Dataset, np.ndarray]:
    """All recordings as if they were training data, and the speaker of each: those of the official test come first."""
    folder = data_dir()
    official = load("fsdd", data_dir=folder)  # Refuses a folder that is not there.
    holds = "speaker_test and speaker_train: the name of the speaker of every recording"
    speakers = np.concatenate(read_npz(Path(str(folder)) / FILE, ("speaker_test", "speaker_train"), holds))
    return (
        replace(
            official,
            train_images=np.concatenate([official.test_images, official.train_images]),
            train_labels=np.concatenate([official.test_labels, official.train_labels]),
        ),
        speakers,
    )


def is_tested(split: Split, labels: np.ndarray, speakers: np.ndarray) -> np.ndarray:
    """Mark the recordings to test on."""
    if split.by == "speaker":
        return np.asarray(speakers == np.unique(speakers)[split.number])
    nth = np.empty(len(labels), dtype=np.int64)
    for speaker in np.unique(speakers):
        for digit in np.unique(labels):
            mine = np.flatnonzero((speakers == speaker) & (labels == digit))
            nth[mine] = np.arange(len(mine))
    return np.asarray(nth // RECORDINGS == split.number)


def split_of(split: Split) -> Dataset:
    """The dataset of a split."""
    whole, speakers = recordings()
    test = is_tested(split, whole.train_labels, speakers)
    return replace(
        whole,
        split=f"{split}, {int((~test).sum()):,} + {int(test.sum()):,} recordings",
        train_images=whole.train_images[~test],
        train_labels=whole.train_labels[~test],
        test_images=whole.train_images[test],
        test_labels=whole.train_labels[test],
    )


def job_of(network: str, chip: str, rate: float, budget: Budget) -> CompileJob:
    """The job of one network of the grid, resolved."""
    document: Document = hardware(2, MAIN_CELL, activation_bits=4) | {"input": {"bits": 8}}
    if chip == PCM:
        preset = load_preset(PCM).hardware.model_dump(mode="json", exclude_unset=True)
        document |= preset | {"adc": {"bits": 8}, "calibration": "per_column"}
    training = {
        "batch": 64,
        "float_epochs": budget.start,
        "epochs": budget.epochs,
        "hardware_learning_rate": rate,
    }
    return parse_compile_job(
        {
            "dataset": {"type": "named", "name": "fsdd", "normalization": "per_channel"},
            "hardware": document,
            "model": dict(NETWORKS[network]),
            "training": training,
            "evaluation": {"chips": CHIPS},
        }
    ).resolved()


class Digits(Grid):
    """Trains what is missing of the grid of spoken digits."""

    kept: tuple[Split, JobData] | None = None

    def data(self, course: Course, split: Split) -> JobData:
        """Recordings of a split; those of the last one are kept."""
        if self.kept is None or self.kept[0] != split:
            self.kept = split, job_data(course, split_of(split), CPU)
        return self.kept[1]

    def start(self, network: str, course: Course, split: Split) -> FloatNetwork:
        """The floating-point network that the others of its split start from."""
        name = f"fsdd-{network}-{split}".replace(" ", "-")
        return self.started(name, course, self.data(course, split))

    def on_chip(self, network: str, chip: str, rate: float, split: Split, budget: Budget, *, test: bool) -> Row:
        """A network for a chip."""
        job = job_of(network, chip, rate, budget)
        course = job.course()
        about = {"kind": "cells", "network": network, "chip": chip, "rate": rate, **asdict(split), **asdict(budget)}

        def train() -> HardwareNetwork:
            start = self.start(network, course, split)
            return train_hardware(course, start, self.data(course, split), CPU, Pace(None, total=1.0))[0]

        def judge(trained: HardwareNetwork) -> Row:
            return {} if chip == CELLS else after_a_day(job, map_network(trained), self.data(course, split))

        return self.row(about, lambda: self.data(course, split), train, test=test, judge=judge)

    def reference(self, network: str, choice: ReferenceChoice, split: Split, budget: Budget, *, test: bool) -> Row:
        """A floating-point reference."""
        course = job_of(network, CELLS, RATES[0], budget).course()
        about = {"kind": "reference", "network": network, **asdict(choice), **asdict(split), **asdict(budget)}

        def train() -> HardwareNetwork:
            start, data = self.start(network, course, split), self.data(course, split)
            return train_reference(course, choice, start, data, CPU, Pace(None, total=1.0))[0]

        return self.row(about, lambda: self.data(course, split), train, test=test)

    def best_rate(self, network: str, chip: str, budget: Budget) -> float:
        """The rate with the best held-out accuracy, on the first fold."""
        first = Split("fold", 0)
        return best_rate(lambda rate: self.on_chip(network, chip, rate, first, budget, test=False))

    def best_reference(self, network: str, budget: Budget) -> ReferenceChoice:
        """The choice with the best held-out accuracy, on the first fold."""
        training, first = job_of(network, CELLS, RATES[0], budget).training, Split("fold", 0)
        candidates = search_reference(
            training, lambda choice: score(self.reference(network, choice, first, budget, test=False))
        )
        return best_of(candidates).choice


def after_a_day(job: CompileJob, mapped: MappedNetwork, data: JobData) -> Row:
    """Share of the recordings that each of 25 chips has right, and that it has right with exact depthwise layers."""
    everything = Condition.of(present_effects(job.described_hardware), DAY)
    judge = judge_of(job.examination(), mapped, data, Pace(None, total=1.0))
    count = len(data.chip.test)
    row: Row = {"chips": [right / count for right in judge.correct([everything], CHIPS)[everything]]}
    depthwise = {layer.name for layer in job.course().plan if layer.window.groups > 1}
    if depthwise:
        exact = replace(judge, count=_with_exact(depthwise))
        row["depthwise_exact"] = [right / count for right in exact.correct([everything], CHIPS)[everything]]
    return row


def _with_exact(names: set[str]) -> Callable[[MappedNetwork, Chip, Examples], int]:
    """Count the recordings that a chip has right whose layers of these names are as designed."""

    def count(network: MappedNetwork, chip: Chip, test: Examples) -> int:
        designed = as_designed(network).layers
        layers = {name: designed[name] if name in names else layer for name, layer in chip.layers.items()}
        return correct_images(network, replace(chip, layers=layers), test)

    return count


def main(arguments: list[str] | None = None) -> int:
    """Train and judge what is missing, network after network; print the table, write fsdd.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    grid, budget = Digits(options.rows, options.scratch), Budget(options.epochs, options.epochs)
    splits = [Split(by, number) for by in options.by for number in range(FOLDS if by == "fold" else _speakers())]
    for network, chip in (pair for pair in LIMITS if f"{pair[0]}:{pair[1]}" in options.only):
        choice, rate = grid.best_reference(network, budget), grid.best_rate(network, chip, budget)
        for split in splits:
            grid.reference(network, choice, split, budget, test=True)
            grid.on_chip(network, chip, rate, split, budget, test=True)
    rows = judged(row_store.read(options.rows).values(), budget, ("network", "chip", "by", "number"))
    print(f"\n{fsdd_table(rows)}\n")
    record("fsdd", figures_of(rows), rows, sum(row["seconds"] for row in rows), options.rows.parent)
    return 0


def figures_of(rows: list[Row]) -> list[Figure]:
    """Losses to the reference of the same split, in points; their intervals are over the splits."""
    figures = []
    for about, losses in _losses(rows).items():
        network, chip, by, view = about
        name = "_".join(["fsdd_loss", network.replace("-", "_"), chip.split("-")[0].replace(" ", "")])
        name += "_speaker" if by == "speaker" else ""
        name += "_depthwise_exact" if view == "depthwise_exact" else ""
        bound = by == "fold" and view != "depthwise_exact"
        limit = LIMITS[network, chip] if bound else None
        figures.append(interval_figure(name, losses, "points", limit, over=f"{by}s"))
    return figures


def fsdd_table(rows: list[Row]) -> str:
    """One line for each network, chip and way to split."""
    lines = []
    for (network, chip, by, view), losses in _losses(rows).items():
        mine, alike = _percent(rows, network, by, chip, view), _percent(rows, network, by, None, "test")
        shared = sorted(mine.keys() & alike.keys())
        what = {"test": "", "chips": ", 25 chips after a day", "depthwise_exact": ", and depthwise layers exact"}[view]
        lines.append(
            [
                network,
                chip + what,
                "ten folds" if by == "fold" else "a speaker left out",
                str(Interval.of([alike[number] for number in shared])),
                str(Interval.of([mine[number] for number in shared])),
                str(Interval.of(losses)),
                str(len(losses)),
            ]
        )
    return table(("network", "chip", "split", "reference", "test", "loss", "splits"), lines)


def _losses(rows: list[Row]) -> dict[tuple[str, str, str, str], list[float]]:
    """Losses over the splits, by network, chip, way to split, and what was looked at."""
    found = {}
    for network, chip in LIMITS:
        for by in ("fold", "speaker"):
            reference = _percent(rows, network, by, None, "test")
            for view in ("test",) if chip == CELLS else ("chips", "depthwise_exact"):
                losses = differences(reference, _percent(rows, network, by, chip, view))
                if losses:
                    found[network, chip, by, view] = losses
    return found


def _percent(rows: list[Row], network: str, by: str, chip: str | None, view: str) -> dict[int, float]:
    """Percent right by the number of the split; of several chips their mean. No chip: of the references."""
    mine = (row for row in rows if (row["network"], row["by"], row.get("chip")) == (network, by, chip) and view in row)
    return {row["number"]: 100 * statistics.fmean(np.atleast_1d(row[view])) for row in mine}


def _speakers() -> int:
    return len(np.unique(recordings()[1]))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fsdd", description=__doc__)
    parser.add_argument("--epochs", type=int, default=20, help="in floating point, and as many after it")
    every = [f"{network}:{chip}" for network, chip in LIMITS]
    parser.add_argument("--only", nargs="+", choices=every, default=every, help="network and chip")
    parser.add_argument("--by", nargs="+", choices=["fold", "speaker"], default=["fold", "speaker"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", type=Path, default=RESULTS / ROWS)
    parser.add_argument("--scratch", type=Path, default=Path(platformdirs.user_cache_dir("mho")) / "benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
