"""`python -m benchmarks.cifar`: resnet-8 on CIFAR-10, on coarse cells beside a float reference; resumable.

Every network is a row of results/cifar.rows.jsonl the moment it is trained. For the reference and, by each method, for
2-bit cells the same search chooses on held-out images, after `--search-epochs` from one seed: the best of three rates,
then which of smoothed labels, noise on the weights and distillation to leave out. Other cells leave out what those of 2
bits do, and have their own best rate; Brevitas has three rates of its own, and smoothed labels or not. Only the
networks that were chosen so are judged on the test images, once. Rows of other numbers of epochs are other rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import platformdirs
import torch

from benchmarks import row_store
from benchmarks.brevitas_rows import train_residual
from benchmarks.experiments import IDEAL_CELL, MAIN_CELL, Document, hardware
from benchmarks.figures import RESULTS, Figure, record
from benchmarks.grid import CPU, RATES, Budget, Grid, Row, best_rate, differences, interval_figure, judged, score
from benchmarks.jobs import data_dir
from benchmarks.markdown import table
from benchmarks.summary import Interval
from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.float_reference import best_of, search_reference, train_reference
from hwcore.pipeline.parts.networks import train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import Course, ReferenceChoice, parse_compile_job

ROWS: Final = "cifar.rows.jsonl"
SEARCHED: Final = "2 bit"
"""The cells that the parts of the loss are chosen on."""
LINEAR: Final = "2 bit, linear"
"""The cells that Brevitas can express."""
ENDS_DIGITAL: Final = "2 bit, first convolution and classifier digital"
CELLS: Final[Mapping[str, tuple[int, str]]] = {
    SEARCHED: (2, MAIN_CELL),
    ENDS_DIGITAL: (2, MAIN_CELL),
    "4 bit": (4, MAIN_CELL),
    "1 bit": (1, MAIN_CELL),
    LINEAR: (2, IDEAL_CELL),
}
"""Bits of a component and its cell."""
DIGITAL: Final[Mapping[str, frozenset[str]]] = {ENDS_DIGITAL: frozenset({"conv1", "fc1"})}
"""Layers whose weights stay in floating point."""
METHODS: Final = ("smooth", "straight_through")
BREVITAS: Final = "brevitas"
PEER_RATES: Final = (6e-4, 2e-3, 6e-3)
"""Learning rates of Brevitas. Its weights are those of the floating-point network, ours are in units of the largest of
their column: a rate for ours is about ten times one for the same relative step in Brevitas."""
PARTS: Final = ("reference", "cells", BREVITAS)
WITHOUT: Final[Document] = {"label_smoothing": 0.0, "weight_noise": 0.0, "distillation": None}
"""Parts of the loss, as a job does without them."""
NAMES: Final = ("cell", "method", "seed", "note")
"""Fields that tell one judged network from another. A row with a note is beside the figures."""
FIRST: Final = ReferenceChoice(RATES[0])
"""The choice that every search begins with."""
LIMITS: Final[Mapping[str, float]] = {"2 bit": 1.0, "4 bit": 0.5, "1 bit": 2.0}
"""Points that the smooth method may lose to the reference."""


def course_of(cell: str, method: str, choice: ReferenceChoice, seed: int, budget: Budget) -> Course:
    """The training of one network of the grid."""
    bits, kind = CELLS[cell]
    chip = hardware(bits, kind, activation_bits=4) | {"input": {"bits": 8}}
    course = parse_compile_job(document_of(chip, method, choice, seed, budget)).resolved().course()
    return replace(course, digital=DIGITAL.get(cell, frozenset()))


def document_of(chip: Document, method: str, choice: ReferenceChoice, seed: int, budget: Budget) -> Document:
    """The job that trains resnet-8 for a chip: the default loss but for the parts that a choice does without."""
    training = {
        "method": method,
        "batch": 128,
        "float_epochs": budget.start,
        "epochs": budget.epochs,
        "augmentation": {"shift": 4, "flip": True},
        "hardware_learning_rate": choice.learning_rate,
        "seed": seed,
    }
    training |= {part: nothing for part, nothing in WITHOUT.items() if not getattr(choice, part)}
    return {
        "dataset": "cifar10",
        "hardware": chip,
        "model": {"type": "resnet-8", "normalization": "batch"},
        "training": training,
    }


class Cifar(Grid):
    """Trains what is missing of the grid of CIFAR-10.

    Args:
        rows, scratch: as for `Grid`.
        peers_python: an interpreter with Brevitas in it; None: none.
    """

    kept: tuple[int, JobData] | None = None

    def __init__(self, rows: Path, scratch: Path, peers_python: str | None = None) -> None:
        super().__init__(rows, scratch)
        self.peers_python = peers_python

    def data(self, course: Course) -> JobData:
        """Images of a seed; those of the last one are kept."""
        if self.kept is None or self.kept[0] != course.seed:
            self.kept = course.seed, load_data(course, data_dir(), CPU)
        return self.kept[1]

    def start(self, seed: int, budget: Budget) -> FloatNetwork:
        """The floating-point network that the others of its seed and epochs start from."""
        course = course_of(SEARCHED, METHODS[0], FIRST, seed, budget)
        return self.started("cifar", course, self.data(course))

    def on_cells(
        self, cell: str, method: str, choice: ReferenceChoice, seed: int, budget: Budget, *, test: bool
    ) -> Row:
        """A network for cells."""
        course = course_of(cell, method, choice, seed, budget)
        about = _about(cell, method, choice, seed, budget)

        def train() -> HardwareNetwork:
            start = self.start(seed, budget)
            return train_hardware(course, start, self.data(course), CPU, Pace(None, total=1.0))[0]

        return self.row(about, lambda: self.data(course), train, test=test)

    def reference(self, choice: ReferenceChoice, seed: int, budget: Budget, *, test: bool) -> Row:
        """A floating-point reference."""
        course = course_of(SEARCHED, METHODS[0], FIRST, seed, budget)
        about = {"kind": "reference", **asdict(choice), "seed": seed, **asdict(budget)}

        def train() -> HardwareNetwork:
            start, data = self.start(seed, budget), self.data(course)
            return train_reference(course, choice, start, data, CPU, Pace(None, total=1.0))[0]

        return self.row(about, lambda: self.data(course), train, test=test)

    def by_brevitas(self, choice: ReferenceChoice, seed: int, budget: Budget, *, test: bool) -> Row:
        """A network for linear cells, trained by Brevitas."""
        choice = replace(choice, weight_noise=False, distillation=False)
        course = course_of(LINEAR, METHODS[0], choice, seed, budget)
        about = _about(LINEAR, BREVITAS, choice, seed, budget)

        def measure() -> Row:
            start, data = self.start(seed, budget), self.data(course)
            found = train_residual(
                course, choice.learning_rate, start, data, self.scratch, self.peers_python, test=test
            )
            row = {"validation": found["validation"]["hardware_aware"], "versions": found["versions"]}
            return row | ({"test": found["accuracy"]["hardware_aware"]} if test else {})

        return self.measured(about, lambda: self.data(course), measure, test=test)

    def best_on_cells(self, cell: str, method: str, budget: Budget) -> ReferenceChoice:
        """The choice with the best held-out accuracy, from seed 0.

        Of `SEARCHED` it is searched as that of the reference is; other cells do without the same parts of the loss, and
        have their own best of three rates.
        """

        def row_of(choice: ReferenceChoice) -> Row:
            return self.on_cells(cell, method, choice, 0, budget, test=False)

        if cell == SEARCHED:
            return _best(row_of, budget)
        parts = self.best_on_cells(SEARCHED, method, budget)
        rate = best_rate(lambda rate: row_of(replace(parts, learning_rate=rate)))
        return replace(parts, learning_rate=rate)

    def best_by_brevitas(self, budget: Budget) -> ReferenceChoice:
        """The choice with the best held-out accuracy, from seed 0: of its three rates, with smoothed labels or not."""
        tried: dict[ReferenceChoice, float] = {}

        def best(choices: list[ReferenceChoice]) -> ReferenceChoice:
            tried.update((each, score(self.by_brevitas(each, 0, budget, test=False))) for each in choices)
            return max(tried, key=lambda choice: tried[choice])

        found = best([ReferenceChoice(rate) for rate in PEER_RATES])
        return best([replace(found, label_smoothing=False)])

    def best_reference(self, budget: Budget) -> ReferenceChoice:
        """The choice with the best held-out accuracy, from seed 0."""
        return _best(lambda choice: self.reference(choice, 0, budget, test=False), budget)


def _about(cell: str, method: str, choice: ReferenceChoice, seed: int, budget: Budget) -> Row:
    about: Row = {"kind": "cells", "cell": cell, "method": method, "rate": choice.learning_rate, "seed": seed}
    about |= asdict(budget)
    if left_out := [part for part in WITHOUT if not getattr(choice, part)]:
        about["without"] = ", ".join(left_out)
    return about


def _best(row_of: Callable[[ReferenceChoice], Row], budget: Budget) -> ReferenceChoice:
    training = course_of(SEARCHED, METHODS[0], FIRST, 0, budget).training
    return best_of(search_reference(training, lambda choice: score(row_of(choice)))).choice


def main(arguments: list[str] | None = None) -> int:
    """Train and judge what is missing: the cells that were asked for, in their order, and the reference first."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    grid = Cifar(options.rows, options.scratch, options.peers_python)
    search, budget = Budget(options.epochs, options.search_epochs), Budget(options.epochs, options.epochs)
    if "reference" in options.parts:
        choice = grid.best_reference(search)
        for seed in options.seeds:
            grid.reference(choice, seed, budget, test=True)
    for cell in options.cells if "cells" in options.parts else ():
        for method in options.methods:
            choice = grid.best_on_cells(cell, method, search)
            for seed in options.seeds:
                grid.on_cells(cell, method, choice, seed, budget, test=True)
    if BREVITAS in options.parts and options.peers_python is None:
        print("rows of brevitas are skipped: no --peers-python (benchmarks/README.md says how to make one)")
    elif BREVITAS in options.parts:
        choice = grid.best_by_brevitas(search)
        for seed in options.seeds:
            grid.by_brevitas(choice, seed, budget, test=True)
    rows = judged(row_store.read(options.rows).values(), budget, NAMES)
    print(f"\n{cifar_table(rows)}\n")
    record("cifar", figures_of(rows), rows, sum(row["seconds"] for row in rows), options.rows.parent)
    return 0


def figures_of(rows: list[Row]) -> list[Figure]:
    """Losses to the reference of the same seed, and what smooth has over straight-through; where both are there."""
    figures = []
    reference = _percent(rows, kind="reference")
    if reference:
        figures.append(interval_figure("cifar_reference", list(reference.values()), "%"))
    for cell in CELLS:
        smooth, other = (_percent(rows, kind="cells", cell=cell, method=method) for method in METHODS)
        name = cell.replace(" ", "", 1).replace(", ", "_").replace(" ", "_")
        if losses := differences(reference, smooth):
            figures.append(interval_figure(f"cifar_loss_{name}", losses, "points", LIMITS.get(cell)))
        if losses := differences(reference, other):
            figures.append(interval_figure(f"cifar_loss_{name}_straight_through", losses, "points"))
        if gains := differences(smooth, other):
            figures.append(interval_figure(f"cifar_smooth_minus_ste_{name}", gains, "points"))
    brevitas = _percent(rows, kind="cells", cell=LINEAR, method=BREVITAS)
    if gains := differences(brevitas, _percent(rows, kind="cells", cell=LINEAR, method=METHODS[0])):
        figures.append(interval_figure("cifar_brevitas_minus_smooth", gains, "points"))
    return figures


def cifar_table(rows: list[Row]) -> str:
    """One line for the reference, and one for each cell and method."""
    reference = _percent(rows, kind="reference")
    lines = []
    lined: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        lined.setdefault(tuple(row.get(name) for name in ("kind", "cell", "method", "note")), []).append(row)
    for (kind, cell, method, note), found in lined.items():
        mine = {row["seed"]: 100 * row["test"] for row in found}
        rates = sorted({row["rate"] if kind == "cells" else row["learning_rate"] for row in found})
        losses = differences(reference, mine) if kind == "cells" else []
        lines.append(
            [
                cell or "reference",
                ", ".join(filter(None, [(method or "identity staircases").replace("_", "-"), note])),
                ", ".join(f"{rate:g}" for rate in rates),
                found[0]["without"] if "without" in found[0] else _without(found[0]),
                f"{found[0]['start']} + {found[0]['epochs']}",
                str(Interval.of([100 * row["validation"] for row in found])),
                str(Interval.of(list(mine.values()))),
                str(Interval.of(losses)) if losses else "-",
                str(len(found)),
            ]
        )
    return table(("cells", "method", "rate", "loss without", "epochs", "held out", "test", "loss", "seeds"), lines)


def _without(row: Row) -> str:
    """Parts of the loss that a reference does without; a row of cells without the field has all of them."""
    return ", ".join(part for part in WITHOUT if not row.get(part, True)) or "-"


def _percent(rows: list[Row], **wanted: str) -> dict[int, float]:
    mine = (row for row in rows if {"note": None, **wanted}.items() <= ({"note": None} | row).items())
    return {row["seed"]: 100 * row["test"] for row in mine}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cifar", description=__doc__)
    parser.add_argument("--epochs", type=int, default=20, help="in floating point, and as many after it")
    parser.add_argument("--search-epochs", type=int, default=10, help="of the networks that a rate is chosen by")
    parser.add_argument("--seeds", type=lambda text: [int(part) for part in text.split(",")], default=[0, 1])
    parser.add_argument("--cells", type=lambda text: text.split(";"), default=list(CELLS), help="parted by ;")
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(METHODS))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="for processes side by side")
    parser.add_argument("--peers-python", help="an interpreter with brevitas in it; without: no rows of brevitas")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=Path, default=RESULTS / ROWS)
    parser.add_argument("--scratch", type=Path, default=Path(platformdirs.user_cache_dir("mho")) / "benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
