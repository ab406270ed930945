"""`python -m benchmarks.recipes`: what a training gains over the short one, and its processor time; resumable.

The main cell with 2 and 1 bits, 2-bit activations, 4-bit inputs on MNIST, 4 and 8 on spoken digits; held-out images
alone, hard values. Recipes stand side by side: the same seeds, images and process. Processor time is that of the
floating-point and the hardware-aware training together. Test images are not read: this is where a default recipe is
chosen (decision 0073).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch

from benchmarks import row_store
from benchmarks.cases import digest
from benchmarks.experiments import LONG, MAIN_CELL, SEEDS, SHORT, Document, hardware
from benchmarks.figures import RESULTS, Figure, commit, record
from benchmarks.float_networks import NOT_OF_FLOAT
from benchmarks.grid import CPU, Row, interval_figure
from benchmarks.jobs import data_dir
from benchmarks.markdown import table
from benchmarks.summary import Interval
from hwcore.layers import FloatNetwork
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.machine import machine
from hwcore.pipeline.parts.networks import train_float, train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import CompileJob, Course, parse_compile_job
from hwcore.training import accuracy

ROWS: Final = "recipes.rows.jsonl"
BEFORE: Final = "short, 10 + 10"
"""The default before the long recipe was it."""
BITS: Final = (2, 1)
MOST_TIME: Final = 2.4
"""Times the short training that a default recipe may take."""
RECIPES: Final[Mapping[str, Document]] = {
    BEFORE: SHORT,
    "long, 10 + 30": LONG,
    "long, 10 + 20": {**LONG, "epochs": 20},
    "long, 10 + 10": {**LONG, "epochs": 10},
    "long, 5 + 25": {**LONG, "float_epochs": 5, "epochs": 25},
    "long, 3 + 30": {**LONG, "float_epochs": 3},
    "long, 10 + 30, batches of 512": {**LONG, "batch": 512},
    "long, 10 + 20, rate 0.01": {**LONG, "epochs": 20, "hardware_learning_rate": 1e-2},
    "long, 10 + 20, inputs dropped 0.1": {**LONG, "epochs": 20, "input_dropout": 0.1},
    "long, 10 + 30, no inputs dropped": {**LONG, "input_dropout": 0.0},
    "10 + 30, rate 0.02 and nothing else": {**SHORT, "epochs": 30, "hardware_learning_rate": 2e-2},
    "10 + 10, rate 0.02 and nothing else": {**SHORT, "hardware_learning_rate": 2e-2},
    "3 + 3, rate 0.02 and nothing else": {**SHORT, "float_epochs": 3, "epochs": 3, "hardware_learning_rate": 2e-2},
    "long, 3 + 3": {**LONG, "float_epochs": 3, "epochs": 3},
    "short, 3 + 3": {**SHORT, "float_epochs": 3, "epochs": 3},
}
"""Trainings by name, as a job has them; of the last ones a user's own `epochs: 3`."""
FIRST: Final = "784-512-512-10"
NETWORKS: Final[Mapping[str, Document]] = {
    FIRST: {"dataset": "mnist", "model": {"type": "mlp", "hidden": [512, 512], "normalization": "batch"}},
    "64-128-10": {
        "dataset": "digits",
        "model": {"type": "mlp", "hidden": [128], "normalization": "batch"},
        "training": {"batch": 64},
    },
    "lenet-5": {"dataset": "mnist", "model": "lenet-5"},
    "ds-cnn": {
        "dataset": {"type": "named", "name": "fsdd", "normalization": "per_channel"},
        "model": {"type": "ds-cnn"},
        "hardware": {"activation": {"function": "relu", "bits": 4, "range": "learned"}, "input": {"bits": 8}},
        "training": {"batch": 64},
    },
}
"""Networks by name: the one that recipes are chosen for, and others that must not lose by them."""


def main(arguments: list[str] | None = None) -> int:
    """Train what is missing, print the table, write recipes.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    path = options.results / ROWS
    for network in options.networks:
        for seed in options.seeds:
            _train_missing(path, network, options.only, seed)
    rows = [row for row in row_store.read(path).values() if row["training"] == RECIPES.get(row["recipe"])]
    print(f"\n{recipes_tables(rows)}\n")
    spent = sum(row["float_seconds"] + row["hardware_seconds"] for row in rows)
    record("recipes", figures_of(rows), rows, spent, options.results)
    return 0


def job_of(network: str, recipe: str, bits: int, seed: int) -> CompileJob:
    """The job of a row, resolved.

    Args:
        network: of NETWORKS.
        recipe: of RECIPES.
        bits: of a component of a cell.
        seed: of the training.
    """
    document = dict(NETWORKS[network])
    document["hardware"] = hardware(bits, MAIN_CELL) | document.get("hardware", {})
    document["training"] = {**document.get("training", {}), **RECIPES[recipe], "seed": seed}
    return parse_compile_job(document).resolved()


def _train_missing(path: Path, name: str, recipes: Sequence[str], seed: int) -> None:
    starts: dict[str, tuple[FloatNetwork, float]] = {}
    data: JobData | None = None
    for recipe in recipes:
        for bits in BITS:
            about: Row = {"network": name, "recipe": recipe, "bits": bits, "seed": seed}
            key = " | ".join(map(str, about.values()))
            found = row_store.read(path).get(key)
            if found is not None and found["training"] == RECIPES[recipe]:
                continue
            course = job_of(name, recipe, bits, seed).course()
            data = data or load_data(course, data_dir(), CPU)
            start, float_seconds = _start(starts, course, data)
            began = time.process_time()
            network, _ = train_hardware(course, start, data, CPU, Pace(None, total=1.0))
            row = {
                "key": key,
                **about,
                "training": RECIPES[recipe],
                "start": accuracy(start, data.plain.validation),
                "validation": accuracy(network, data.chip.validation),
                "float_seconds": round(float_seconds, 1),
                "hardware_seconds": round(time.process_time() - began, 1),
                "commit": commit(),
                "machine": machine(CPU, torch.get_num_threads()),
            }
            row_store.append(path, row)
            print(key, {name: row[name] for name in ("start", "validation", "hardware_seconds")}, flush=True)


def _start(starts: dict[str, tuple[FloatNetwork, float]], course: Course, data: JobData) -> tuple[FloatNetwork, float]:
    about = course.training.model_dump(mode="json", exclude=NOT_OF_FLOAT)
    key = digest({**about, "float_epochs": course.float_epochs})
    if key not in starts:
        began = time.process_time()
        network, _ = train_float(course, data, CPU, Pace(None, total=1.0))
        starts[key] = network, time.process_time() - began
    return starts[key]


def gains(rows: Sequence[Row], recipe: str, bits: int) -> list[float]:
    """Points more than the short training has of the held-out images, by seed."""
    found = {(row["recipe"], row["seed"]): row["validation"] for row in rows if row["bits"] == bits}
    seeds = sorted(seed for name, seed in found if name == recipe and (BEFORE, seed) in found)
    return [100 * (found[recipe, seed] - found[BEFORE, seed]) for seed in seeds]


def times_the_short(rows: Sequence[Row], recipe: str) -> float:
    """Processor time of a recipe over that of the short one, mean over the seeds and bits that both have."""
    seconds = {
        (row["recipe"], row["bits"], row["seed"]): row["float_seconds"] + row["hardware_seconds"] for row in rows
    }
    ratios = [
        each / seconds[BEFORE, bits, seed]
        for (name, bits, seed), each in seconds.items()
        if name == recipe and (BEFORE, bits, seed) in seconds
    ]
    return statistics.fmean(ratios)


def figures_of(every: Sequence[Row]) -> list[Figure]:
    """Gain and time of the long recipe, for the network that it was chosen for."""
    name, rows = "long, 10 + 30", _of(every, FIRST)
    if not all(gains(rows, name, bits) for bits in BITS):
        return []
    return [
        *(interval_figure(f"long_recipe_gain_{bits}bit", gains(rows, name, bits), "points") for bits in BITS),
        Figure("long_recipe_time", times_the_short(rows, name), "x", MOST_TIME),
    ]


def _of(rows: Sequence[Row], network: str) -> list[Row]:
    return [row for row in rows if row["network"] == network]


def recipes_tables(rows: Sequence[Row]) -> str:
    """A table for every network that has rows."""
    return "\n\n".join(f"{name}:\n\n{recipes_table(mine)}" for name in NETWORKS if (mine := _of(rows, name)))


def recipes_table(rows: Sequence[Row]) -> str:
    """Held-out accuracy, gain over the short training and time of every recipe, of the seeds that both have."""
    lines = []
    for recipe in RECIPES:
        line, counts = [recipe], []
        for bits in BITS:
            gained, reached = gains(rows, recipe, bits), _reached(rows, recipe, bits)
            counts.append(len(gained))
            if not gained:
                line += ["-", "-"]
            else:
                line += [f"{statistics.fmean(reached):.2f}", "0" if recipe == BEFORE else _told(gained)]
        if any(counts):
            seeds = str(counts[0]) if len(set(counts)) == 1 else ", ".join(map(str, counts))
            lines.append([*line, seeds, f"{times_the_short(rows, recipe):.2f}"])
    columns = [text for bits in BITS for text in (f"{bits} bit, held out (%)", f"{bits} bit, gain (points)")]
    return table(("recipe", *columns, "seeds", "processor time (x)"), lines)


def _reached(rows: Sequence[Row], recipe: str, bits: int) -> list[float]:
    mine = [row for row in rows if row["bits"] == bits]
    paired = {row["seed"] for row in mine if row["recipe"] == BEFORE}
    return [100 * row["validation"] for row in mine if row["recipe"] == recipe and row["seed"] in paired]


def _told(gained: list[float]) -> str:
    found = Interval.of(gained)
    return f"{found.mean:+.2f}" + ("" if found.half_width is None else f" ± {found.half_width:.2f}")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recipes", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=list(RECIPES), help="recipes")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--seeds", nargs="+", type=int, choices=SEEDS, default=list(SEEDS))
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of recipes.json and its rows")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
