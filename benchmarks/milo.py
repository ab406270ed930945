"""`python -m benchmarks.milo`: resnet-8 on CIFAR-10, written to resistive memory with its published spread; resumable.

The preset rram-milo-2021 (50 to 225 uS, ohmic cells), 25 chips, programming noise alone. Untrained is the
floating-point network that `benchmarks.cifar` starts from, its normalisation digital, on cells of 256 levels with
8-bit activations, so that little but the noise costs anything: once with the largest weight of a layer at g_max, as
CrossSim's ISCA 2024 tutorial scales it, once with the scale of least error of each column. Trained is the preset as it
stands, 5 levels, with 4-bit activations, at the rate and with the loss that the grid of CIFAR-10
chose for 2-bit cells.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs
import torch

from benchmarks import row_store
from benchmarks.cifar import NAMES, WITHOUT, Cifar, document_of
from benchmarks.cifar import ROWS as CIFAR_ROWS
from benchmarks.experiments import Document
from benchmarks.figures import RESULTS, Figure, commit, record
from benchmarks.grid import CPU, Budget, Row, judged
from benchmarks.markdown import table
from hwcore.layers import HardwareNetwork, map_network
from hwcore.pipeline.evaluate import designed_logits, network_logits
from hwcore.pipeline.parts.as_built import judge_of
from hwcore.pipeline.parts.machine import machine
from hwcore.pipeline.parts.networks import rounded, train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.pipeline.parts.tally import tally
from hwcore.spec import CompileJob, Condition, ReferenceChoice, load_preset, parse_compile_job
from hwcore.training import ScaleRule

ROWS: Final = "milo.rows.jsonl"
PRESET: Final = "rram-milo-2021"
SEED: Final = 0
LIMIT: Final = 2.0
"""Points that the trained network may lose to the reference on the mean chip."""
ANALOGUE: Final = {"levels": 256, "activation_bits": 8}
UNTRAINED: Final[Mapping[str, ScaleRule]] = {
    "untrained, largest weight of a layer": "full_range_of_layer",
    "untrained, least error of a column": "least_error",
}
"""Rules of the scales."""
TRAINED: Final = "trained"
FIGURES: Final = dict(zip(UNTRAINED, ("milo_untrained", "milo_untrained_least_error"), strict=True))


def job_of(
    choice: ReferenceChoice, budget: Budget, chips: int, *, levels: int | None = None, activation_bits: int = 4
) -> CompileJob:
    """The job of a network of this page.

    Args:
        choice: of rate and loss of the training for the hardware.
        budget: epochs.
        chips: to be drawn.
        levels: of the cells; None: those of the preset.
        activation_bits: of the activations.
    """
    chip: Document = load_preset(PRESET).hardware.model_dump(mode="json", exclude_unset=True)
    if levels is not None:
        chip["cell"] |= {"levels": levels}
    chip["weights"] = {"encoding": "sign_select", "scale": "per_column", "bias": "digital"}
    chip["activation"] = {"function": "relu", "bits": activation_bits, "range": "learned"}
    chip["input"] = {"bits": 8}
    document = document_of(chip, "smooth", choice, SEED, budget) | {"evaluation": {"chips": chips}}
    return parse_compile_job(document).resolved()


class Chips:
    """Networks on their chips, from the networks of the grid of CIFAR-10.

    Args:
        grid: of CIFAR-10.
        choice: of rate and loss of the training for the hardware.
        budget: epochs.
        chips: of each network.
    """

    def __init__(self, grid: Cifar, choice: ReferenceChoice, budget: Budget, chips: int) -> None:
        self.grid, self.choice, self.budget, self.chips = grid, choice, budget, chips

    def untrained(self, name: str) -> Row:
        """A network that knows nothing of the chip."""
        job = job_of(self.choice, self.budget, self.chips, **ANALOGUE)
        course = job.course()
        start, data = self.grid.start(SEED, self.budget), self.grid.data(course)
        found = self._judge(job, rounded(course, start, data, CPU, UNTRAINED[name]))
        right = tally(network_logits(start, data.plain.test), data.plain.test)
        return {"float": right / len(data.plain.test), **found}

    def trained(self) -> Row:
        """A network that was trained for it."""
        job = job_of(self.choice, self.budget, self.chips)
        course = job.course()
        start = self.grid.start(SEED, self.budget)
        return self._judge(job, train_hardware(course, start, self.grid.data(course), CPU, Pace(None, total=1.0))[0])

    def _judge(self, job: CompileJob, network: HardwareNetwork) -> Row:
        mapped, data = map_network(network), self.grid.data(job.course())
        test = data.chip.test
        designed = tally(designed_logits(mapped, test), test)
        written = Condition.of(["programming"])
        judge = judge_of(job.examination(), mapped, data, Pace(None, total=1.0))
        found = judge.correct([written], self.chips)[written]
        return {"designed": designed / len(test), "chips": [correct / len(test) for correct in found]}


def main(arguments: list[str] | None = None) -> int:
    """Measure what is missing, print the table, write milo.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    budget = Budget(options.epochs, options.epochs)
    cifar = options.rows.with_name(CIFAR_ROWS)
    reference, choice = of_the_grid(judged(row_store.read(cifar).values(), budget, NAMES))
    chips = Chips(Cifar(cifar, options.scratch), choice, budget, options.chips)
    rows = []
    for name in (*UNTRAINED, TRAINED):
        key = f"{name} | {choice.learning_rate:g} | {options.epochs} | {options.chips}"
        left_out = [part for part in WITHOUT if not getattr(choice, part)] if name == TRAINED else []
        key += "".join(f" | without {part}" for part in left_out)
        if key not in row_store.read(options.rows):
            began = time.perf_counter()
            row = chips.trained() if name == TRAINED else chips.untrained(name)
            row |= {
                "key": key,
                "name": name,
                "rate": choice.learning_rate,
                "without": left_out,
                "epochs": options.epochs,
                "commit": commit(),
                "seconds": round(time.perf_counter() - began, 1),
                "machine": machine(CPU, torch.get_num_threads()),
            }
            row_store.append(options.rows, row)
        # An untrained network is told against itself, a trained one against the reference that was trained as long.
        rows.append({"float": reference} | row_store.read(options.rows)[key])
    print(f"\n{milo_table(rows)}\n")
    record("milo", figures_of(rows), rows, sum(row["seconds"] for row in rows), options.rows.parent)
    return 0


def of_the_grid(rows: list[Row]) -> tuple[float, ReferenceChoice]:
    """Accuracy of the grid's reference on the test images, and what held-out images chose for 2-bit cells.

    Args:
        rows: judged ones of CIFAR-10.

    Raises:
        SystemExit: one of the two is not there yet.
    """
    reference = [row["test"] for row in rows if (row["kind"], row["seed"]) == ("reference", SEED)]
    wanted = {"cell": "2 bit", "method": "smooth", "seed": SEED, "note": None}
    cells = [row for row in rows if wanted.items() <= ({"note": None} | row).items()]
    if not reference or not cells:
        raise SystemExit("benchmarks.milo goes on from benchmarks.cifar: its reference and 2-bit cells of seed 0 first")
    left_out = cells[0].get("without", "").split(", ")
    return reference[0], ReferenceChoice(cells[0]["rate"], **{part: part not in left_out for part in WITHOUT})


def loss(row: Row) -> float:
    """Points that the mean chip loses to its floating-point network."""
    return 100 * (float(row["float"]) - statistics.fmean(row["chips"]))


def figures_of(rows: list[Row]) -> list[Figure]:
    """Loss of the mean chip, network by network."""
    found = []
    for row in rows:
        limited = row["name"] == TRAINED
        name = "milo_loss" if limited else FIGURES[row["name"]]
        found.append(Figure(name, loss(row), "points", LIMIT if limited else None))
    return found


def milo_table(rows: list[Row]) -> str:
    """Floating point, chip as designed, and the chips with their spread."""
    lines = []
    for row in rows:
        chips = 100 * torch.tensor(row["chips"], dtype=torch.float64)
        spread = f"{chips.mean():.2f} ± {chips.std():.2f}" if len(chips) > 1 else f"{chips.mean():.2f}"
        designed, start = 100 * row["designed"], 100 * row["float"]
        lines.append([row["name"], f"{start:.2f}", f"{designed:.2f}", spread, str(len(chips)), f"{loss(row):.2f}"])
    return table(("network", "float", "as designed", "written", "chips", "loss"), lines)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.milo", description=__doc__)
    parser.add_argument("--epochs", type=int, default=20, help="in floating point, and as many after it")
    parser.add_argument("--chips", type=int, default=25)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=Path, default=RESULTS / ROWS)
    parser.add_argument("--scratch", type=Path, default=Path(platformdirs.user_cache_dir("mho")) / "benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
