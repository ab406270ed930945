"""Networks of a resumable grid: each is a row the moment it is trained, and what others start from is kept."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks import row_store
from benchmarks.cases import digest
from benchmarks.figures import Figure, commit
from benchmarks.float_networks import source_digest
from benchmarks.summary import Interval
from hwcore.errors import TrainingFailed
from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.pipeline.evaluate import network_logits
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.machine import machine
from hwcore.pipeline.parts.networks import train_float
from hwcore.pipeline.parts.pace import Pace
from hwcore.pipeline.parts.tally import tally
from hwcore.spec import Course
from hwcore.training import accuracy

Row = dict[str, Any]
RATES: Final = (2e-3, 6e-3, 2e-2)
"""Learning rates of the hardware-aware training, of which every network and chip has its best."""
CPU: Final = torch.device("cpu")
AFTER_THE_START: Final = {"method", "epochs", "float_epochs", "hardware_learning_rate", "schedule", "seed"}
"""Fields of a training that the network it starts from does not know, or that its name has."""


@dataclass(frozen=True)
class Budget:
    """Epochs of a network.

    Attributes:
        start: in floating point.
        epochs: after it, on cells or with identity staircases.
    """

    start: int
    epochs: int


@dataclass(eq=False)
class Grid:
    """Trains what is missing.

    Attributes:
        rows: file of the rows.
        scratch: folder for the networks that others start from.
    """

    rows: Path
    scratch: Path

    def started(self, name: str, course: Course, data: JobData) -> FloatNetwork:
        """The floating-point network that the others of its name, seed and epochs start from.

        It is kept under a digest of its training, its data and the source of hwcore: another one is trained anew.

        Args:
            name: of the file.
            course: of any network that starts from it.
            data: of the training.
        """
        about = {
            "training": course.training.model_dump(mode="json", exclude=AFTER_THE_START),
            "graph": repr(course.graph),
            "data": data.dataset.split,
            "hwcore": source_digest(),
        }
        path = self.scratch / f"{name}-start-{course.seed}-{course.float_epochs}-{digest(about)}.pt"
        if path.is_file():
            network = FloatNetwork(course.graph, course.hardware.activation.function)
            network.load_state_dict(torch.load(path))
            return network.eval()
        network, _ = train_float(course, data, CPU, Pace(None, total=1.0))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        torch.save(network.state_dict(), part)
        part.replace(path)  # A process beside this one sees the whole of it or nothing.
        return network

    def row(
        self,
        about: Row,
        data_of: Callable[[], JobData],
        train: Callable[[], HardwareNetwork],
        *,
        test: bool,
        judge: Callable[[HardwareNetwork], Row] | None = None,
    ) -> Row:
        """The row of a network, trained where it is not there.

        Args:
            about: what tells it from all others; a reference says so by its `kind`.
            data_of: reads its data.
            train: trains it.
            test: whether it is judged on the test images: it was chosen before.
            judge: what else is found out about it then.

        Returns:
            What is known of it. One to choose by whose training failed has no held-out accuracy, and says why.

        Raises:
            TrainingFailed: that of one to judge.
        """

        def measure() -> Row:
            data = data_of()
            network = train()
            views = data.plain if about["kind"] == "reference" else data.chip
            row: Row = {"validation": accuracy(network, views.validation)}
            if test:
                row["test"] = tally(network_logits(network, views.test), views.test) / len(views.test)
                row |= {} if judge is None else judge(network)
            return row

        return self.measured(about, data_of, measure, test=test)

    def measured(self, about: Row, data_of: Callable[[], JobData], measure: Callable[[], Row], *, test: bool) -> Row:
        """The row of what is measured where it is not there.

        Args:
            about, data_of, test: as for `row`.
            measure: finds what is known beside `about`: held-out accuracy, and where it is judged that on the test
                images.

        Returns:
            As for `row`.

        Raises:
            TrainingFailed: as for `row`.
        """
        key = " | ".join(map(str, about.values())) + (" | test" if test else "")
        found = row_store.read(self.rows).get(key)
        if found is not None:
            return found
        began = time.perf_counter()
        try:
            row = measure()
        except TrainingFailed as error:
            if test:
                raise
            row = {"validation": None, "failed": str(error)}
        return self._kept({"key": key, **about, **row}, data_of(), began)

    def _kept(self, row: Row, data: JobData, began: float) -> Row:
        row |= {"seconds": round(time.perf_counter() - began, 1), "commit": commit(), "dataset": data.dataset.split}
        row_store.append(self.rows, {**row, "machine": machine(CPU, torch.get_num_threads())})
        print(row["key"], {name: row[name] for name in ("validation", "test", "seconds") if name in row}, flush=True)
        return row


def score(row: Row) -> float:
    """Held-out accuracy to choose by; of a training that failed the lowest there can be."""
    found = row["validation"]
    return -math.inf if found is None else float(found)


def best_rate(row_of: Callable[[float], Row]) -> float:
    """The rate with the best held-out accuracy; of equal ones the smallest.

    Args:
        row_of: row of the network of a rate, judged on held-out images.

    Raises:
        TrainingFailed: that of every rate did.
    """
    found = {rate: score(row_of(rate)) for rate in RATES}
    if max(found.values()) == -math.inf:
        raise TrainingFailed(f"rates: got failed trainings with {', '.join(map(str, RATES))}")
    return max(found, key=lambda rate: found[rate])


def judged(rows: Iterable[Row], budget: Budget, names: Sequence[str]) -> list[Row]:
    """The rows of a budget that were judged on the test images, the references first.

    Args:
        rows: of a file.
        budget: epochs.
        names: fields that tell one network from another.

    Raises:
        ValueError: two rows are of one network: the test images would choose, or of different data.
    """
    mine = [row for row in rows if "test" in row and (row["start"], row["epochs"]) == (budget.start, budget.epochs)]
    seen: dict[tuple[object, ...], Row] = {}
    for row in mine:
        about = tuple(row.get(name) for name in ("kind", *names))
        if about in seen:
            raise ValueError(f"rows: got {seen[about]['key']!r} and {row['key']!r}; allowed: one of a network")
        seen[about] = row
    return sorted(mine, key=lambda row: row["kind"] == "cells")


def differences(minuend: Mapping[Any, float], subtrahend: Mapping[Any, float]) -> list[float]:
    """Paired differences over what both have: seeds, or folds."""
    return [minuend[each] - subtrahend[each] for each in sorted(minuend.keys() & subtrahend.keys())]


def interval_figure(
    name: str, values: list[float], unit: str, limit: float | None = None, *, over: str = "seeds"
) -> Figure:
    """Mean over seeds, or over folds or speakers, with its interval."""
    found = Interval.of(values)
    return Figure(name, found.mean, unit, limit, half_width=found.half_width, seeds=found.count, over=over)
