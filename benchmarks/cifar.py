"""`python -m benchmarks.cifar`: resnet-8 on CIFAR-10, on coarse cells beside a float reference; resumable.

Every network is a row of results/cifar.rows.jsonl the moment it is trained. For each cell and method, and for the
reference, the rate is the best of three on held-out images, after `--search-epochs` from one seed; only the networks
that were chosen so are judged on the test images, once. Rows of other numbers of epochs are other rows.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs
import torch

from benchmarks import row_store
from benchmarks.experiments import IDEAL_CELL, MAIN_CELL, hardware
from benchmarks.figures import RESULTS, commit
from benchmarks.jobs import data_dir
from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.pipeline.evaluate import network_logits
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.float_reference import best_of, search_reference, train_reference
from hwcore.pipeline.parts.machine import machine
from hwcore.pipeline.parts.networks import train_float, train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import Course, ReferenceChoice, parse_compile_job
from hwcore.training import accuracy

ROWS: Final = "cifar.rows.jsonl"
CELLS: Final[Mapping[str, tuple[int, str]]] = {
    "2 bit": (2, MAIN_CELL),
    "4 bit": (4, MAIN_CELL),
    "1 bit": (1, MAIN_CELL),
    "2 bit, linear": (2, IDEAL_CELL),
}
"""Bits of a component and its cell; the last one is what Brevitas can express."""
METHODS: Final = ("smooth", "straight_through")
PARTS: Final = ("reference", "cells")
RATES: Final = (2e-3, 6e-3, 2e-2)
"""Learning rates of the hardware-aware training, of which each cell and method has its best."""
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


def course_of(cell: str, method: str, rate: float, seed: int, budget: Budget) -> Course:
    """The training of one network of the grid."""
    bits, kind = CELLS[cell]
    chip = hardware(bits, kind, activation_bits=4)
    chip["input"] = {"bits": 8}
    training = {
        "method": method,
        "batch": 128,
        "float_epochs": budget.start,
        "epochs": budget.epochs,
        "augmentation": {"shift": 4, "flip": True},
        "hardware_learning_rate": rate,
        "seed": seed,
    }
    document = {
        "dataset": "cifar10",
        "hardware": chip,
        "model": {"type": "resnet-8", "normalization": "batch"},
        "training": training,
    }
    return parse_compile_job(document).resolved().course()


class Grid:
    """Trains what is missing.

    Args:
        rows: file of the rows.
        scratch: folder for the networks that others start from.
    """

    def __init__(self, rows: Path, scratch: Path) -> None:
        self.rows, self.scratch = rows, scratch
        self.kept: tuple[int, JobData] | None = None

    def data(self, course: Course) -> JobData:
        """Images of a seed; those of the last one are kept."""
        if self.kept is None or self.kept[0] != course.seed:
            self.kept = course.seed, load_data(course, data_dir(), CPU)
        return self.kept[1]

    def start(self, course: Course) -> FloatNetwork:
        """The floating-point network that the others of its seed and epochs start from."""
        path = self.scratch / f"cifar-start-{course.seed}-{course.float_epochs}.pt"
        if path.is_file():
            network = FloatNetwork(course.graph, course.hardware.activation.function)
            network.load_state_dict(torch.load(path))
            return network.eval()
        network, _ = train_float(course, self.data(course), CPU, Pace(None, total=1.0))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        torch.save(network.state_dict(), part)
        part.replace(path)  # A process beside this one sees the whole of it or nothing.
        return network

    def row(self, about: dict[str, Any], course: Course, train: Callable[[], HardwareNetwork], *, test: bool) -> Any:
        """The row of a network, trained where it is not there.

        Args:
            about: kind, cell, method, rate, seed and epochs.
            course: of its training.
            train: trains it.
            test: whether it is judged on the test images: it was chosen before.
        """
        key = " | ".join(map(str, about.values())) + (" | test" if test else "")
        found = row_store.read(self.rows).get(key)
        if found is not None:
            return found
        began = time.perf_counter()
        network, data = train(), self.data(course)
        plain = about["kind"] == "reference"
        views = data.plain if plain else data.chip
        row = {"key": key, **about, "validation": accuracy(network, views.validation)}
        if test:
            labels = views.test.labels
            row["test"] = float((network_logits(network, views.test).argmax(1) == labels).double().mean())
        row |= {"seconds": round(time.perf_counter() - began, 1), "commit": commit(), "dataset": data.dataset.split}
        row_store.append(self.rows, {**row, "machine": machine(CPU, torch.get_num_threads())})
        print(key, {name: row[name] for name in ("validation", "test", "seconds") if name in row}, flush=True)
        return row

    def on_cells(self, cell: str, method: str, rate: float, seed: int, budget: Budget, *, test: bool) -> Any:
        """A network for cells."""
        course = course_of(cell, method, rate, seed, budget)
        about = {"kind": "cells", "cell": cell, "method": method, "rate": rate, "seed": seed, **asdict(budget)}

        def train() -> HardwareNetwork:
            start = self.start(course)
            return train_hardware(course, start, self.data(course), CPU, Pace(None, total=1.0))[0]

        return self.row(about, course, train, test=test)

    def reference(self, choice: ReferenceChoice, seed: int, budget: Budget, *, test: bool) -> Any:
        """A floating-point reference."""
        course = course_of("2 bit", "smooth", RATES[0], seed, budget)
        about = {"kind": "reference", **asdict(choice), "seed": seed, **asdict(budget)}

        def train() -> HardwareNetwork:
            start, data = self.start(course), self.data(course)
            return train_reference(course, choice, start, data, CPU, Pace(None, total=1.0))[0]

        return self.row(about, course, train, test=test)

    def best_rate(self, cell: str, method: str, budget: Budget) -> float:
        """The rate with the best held-out accuracy, from seed 0."""
        found = {rate: self.on_cells(cell, method, rate, 0, budget, test=False)["validation"] for rate in RATES}
        return max(found, key=lambda rate: found[rate])

    def best_reference(self, budget: Budget) -> ReferenceChoice:
        """The choice with the best held-out accuracy, from seed 0."""
        training = course_of("2 bit", "smooth", RATES[0], 0, budget).training
        return best_of(
            search_reference(training, lambda choice: self.reference(choice, 0, budget, test=False)["validation"])
        ).choice


def main(arguments: list[str] | None = None) -> int:
    """Train and judge what is missing: the cells that were asked for, in their order, and the reference first."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    grid = Grid(options.rows, options.scratch)
    search, budget = Budget(options.epochs, options.search_epochs), Budget(options.epochs, options.epochs)
    if "reference" in options.parts:
        choice = grid.best_reference(search)
        for seed in options.seeds:
            grid.reference(choice, seed, budget, test=True)
    for cell in options.cells if "cells" in options.parts else ():
        for method in options.methods:
            rate = grid.best_rate(cell, method, search)
            for seed in options.seeds:
                grid.on_cells(cell, method, rate, seed, budget, test=True)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cifar", description=__doc__)
    parser.add_argument("--epochs", type=int, default=20, help="in floating point, and as many after it")
    parser.add_argument("--search-epochs", type=int, default=10, help="of the networks that a rate is chosen by")
    parser.add_argument("--seeds", type=lambda text: [int(part) for part in text.split(",")], default=[0, 1])
    parser.add_argument("--cells", type=lambda text: text.split(";"), default=list(CELLS), help="parted by ;")
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(METHODS))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="for processes side by side")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=Path, default=RESULTS / ROWS)
    parser.add_argument("--scratch", type=Path, default=Path(platformdirs.user_cache_dir("mho")) / "benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
