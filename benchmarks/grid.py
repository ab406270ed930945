"""Networks of a resumable grid: each is a row the moment it is trained, and what others start from is kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks import row_store
from benchmarks.figures import Figure, commit
from benchmarks.summary import Interval
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
CPU: Final = torch.device("cpu")


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
        """The floating-point network that the others of its name, seed and epochs start from."""
        path = self.scratch / f"{name}-start-{course.seed}-{course.float_epochs}.pt"
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
        """
        key = " | ".join(map(str, about.values())) + (" | test" if test else "")
        found = row_store.read(self.rows).get(key)
        if found is not None:
            return found
        began = time.perf_counter()
        network, data = train(), data_of()
        views = data.plain if about["kind"] == "reference" else data.chip
        row = {"key": key, **about, "validation": accuracy(network, views.validation)}
        if test:
            row["test"] = tally(network_logits(network, views.test), views.test) / len(views.test)
            row |= {} if judge is None else judge(network)
        row |= {"seconds": round(time.perf_counter() - began, 1), "commit": commit(), "dataset": data.dataset.split}
        row_store.append(self.rows, {**row, "machine": machine(CPU, torch.get_num_threads())})
        print(key, {name: row[name] for name in ("validation", "test", "seconds") if name in row}, flush=True)
        return row


def differences(minuend: Mapping[Any, float], subtrahend: Mapping[Any, float]) -> list[float]:
    """Paired differences over what both have: seeds, or folds."""
    return [minuend[each] - subtrahend[each] for each in sorted(minuend.keys() & subtrahend.keys())]


def interval_figure(name: str, values: list[float], unit: str, limit: float | None = None) -> Figure:
    """Mean over seeds with its interval."""
    found = Interval.of(values)
    return Figure(name, found.mean, unit, limit, half_width=found.half_width, seeds=found.count)
