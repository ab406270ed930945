"""`python -m benchmarks.evaluate`: chips as built on MNIST: how fast, what each effect costs, what training regains.

Five descriptions of the default network, 784-512-512-10 on 128 x 128 tiles: one with everything that is drawn and a
6-bit ADC (100 chips), one with wires as well (its first chip), one whose wires cost so much that ignoring them loses
5 points, trained with them and without, phase-change memory over a year, and a rough chip, calibrated and not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.experiments import ONE_RATE
from benchmarks.figures import RESULTS, Figure, commit, record
from benchmarks.jobs import data_dir, example
from benchmarks.load import load_before
from benchmarks.markdown import table
from hwcore.layers import FloatNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.as_built import judge_as_built, judge_of
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.machine import choose_device
from hwcore.pipeline.parts.networks import train_float, train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import CompileJob, Condition, Effect, load_preset, parse_compile_job, present_effects

Row = dict[str, Any]
PROGRAMMING = {"type": "additive", "sigma_ratio": 0.02}
ADC = {"bits": 6, "range": {"type": "calibrated"}}
DRAWN: Row = {
    "adc": ADC,
    "noise": {
        "programming": PROGRAMMING,
        "stuck_at": {"stuck_on": 0.001, "stuck_off": 0.001},
        "read": {"type": "proportional", "sigma_ratio": 0.02},
    },
}
OHM = 1.0
"""Resistance of a segment, with cells of 50 uS: the wires of the chip that is timed."""
COSTLY_OHM = 3.0
"""Resistance of a segment that costs more than 5 points where it is ignored."""
ROUGH: Row = {
    **DRAWN,
    "noise": {
        **DRAWN["noise"],
        "programming": {"type": "proportional", "sigma_ratio": 0.3},
        "stuck_at": {"stuck_on": 0.005, "stuck_off": 0.005},
    },
}
"""Fifteen times the errors of a write, and five times as many stuck cells."""
PARTS = ("drawn", "wired", "wires_in_training", "over_time", "calibration")
LIMIT_CHIPS, LIMIT_FIRST, LIMIT_RECOVERED = 60.0, 25.0, 0.8


@dataclass(frozen=True)
class Sizes:
    """Amounts of work.

    Attributes:
        base: fields of every job.
        epochs: of either training.
        chips: drawn.
        seeds: of the comparison of wires.
    """

    base: Row
    epochs: int
    chips: int
    seeds: tuple[int, ...]


FULL = Sizes({}, 10, 100, (0, 1, 2))
SMOKE = Sizes({"dataset": "digits", "model": {"hidden": [24]}}, 2, 3, (0,))


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the tables, write evaluate.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    started, load = time.perf_counter(), load_before("a time")
    sizes = SMOKE if options.smoke else FULL
    folder = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    kept = {part: _kept(folder, part) for part in PARTS if part not in options.parts}
    timed = {"load": load, "threads": options.threads}
    measures: dict[str, Callable[[], list[Row]]] = {
        "drawn": lambda: chips_of(sizes, DRAWN),
        "wired": lambda: first_chip(sizes, {**DRAWN, "array": _array(OHM)}),
        "wires_in_training": lambda: [wires_in_training(sizes, seed) for seed in sizes.seeds],
        "over_time": lambda: over_time(sizes),
        "calibration": lambda: calibration(sizes),
    }
    rows = []
    for part, measure in measures.items():
        if part in options.parts:
            about = {"commit": commit()} | (timed if part in ("drawn", "wired") else {})
            rows += [{**row, **about} for row in _said(part, measure())]
        else:
            rows += kept[part]
    named = {part: [row for row in rows if row["part"] == part] for part in PARTS}
    compared = named["wires_in_training"]
    recovered = sum(row["recovered"] for row in compared) / len(compared)
    figures = [
        Figure("chips_100", named["drawn"][0]["seconds"], "s", LIMIT_CHIPS),
        Figure("mnist_wires_chip", named["wired"][0]["seconds"], "s", LIMIT_FIRST),
        Figure("mnist_wires_chip_with_everything", named["wired"][0]["seconds_with_everything"], "s"),
        Figure("wires_cost", min(row["cost_points"] for row in compared), "points", 5.0, at_least=True),
        Figure("wires_recovered", recovered, "", LIMIT_RECOVERED, at_least=True),
    ]
    tables = (effects_table, wires_in_training_table, time_table, calibration_table)
    print("\n" + "\n\n".join(each(rows) for each in tables) + "\n")
    record("evaluate", figures, rows, time.perf_counter() - started, folder)
    return 0


def _kept(folder: Path, part: str) -> list[Row]:
    """The rows of a part as they were measured before."""
    path = folder / "evaluate.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"rows": []}
    rows = [{"commit": document.get("commit"), **row} for row in document["rows"] if row["part"] == part]
    if not rows:
        raise SystemExit(f"--parts leaves {part} out, and there are no rows of it in {path}: measure it as well")
    return rows


def _said(part: str, rows: list[Row]) -> list[Row]:
    """The rows, and a line that this part is done: all of it takes half an hour."""
    print(f"{part}: measured", flush=True)
    return rows


def job_of(sizes: Sizes, hardware: Row, *, seed: int = 0, **training: Any) -> CompileJob:
    """The MNIST job of examples/ with another chip and a short training: the rows are of chips, not of recipes."""
    document = example("mnist").model_dump(mode="json", exclude_none=True)
    document["hardware"] = {**document["hardware"], "noise": {}, **hardware}
    document["training"] = {**ONE_RATE, "epochs": sizes.epochs, "seed": seed, **training}
    document["evaluation"] = {"chips": sizes.chips}
    return parse_compile_job({**document, **sizes.base}).resolved()


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network and what it was trained on."""

    mapped: MappedNetwork
    data: JobData
    designed: float


_FLOATS: dict[int, FloatNetwork] = {}


def trained(job: CompileJob) -> Trained:
    """Train as a job does; the floating-point network of a seed is the same whatever the chip, and trained once."""
    device, pace = choose_device("cpu"), Pace.of(job.work(), None)
    data = load_data(job.course(), data_dir(), device)
    seed = job.training.seed
    if seed not in _FLOATS:
        _FLOATS[seed], _ = train_float(job.course(), data, device, pace)
    aware, _ = train_hardware(job.course(), _FLOATS[seed], data, device, pace)
    mapped = map_network(aware)
    test = data.chip.test
    designed = judge_of(job.examination(), mapped, data, pace).correct([Condition.of([])], 1)
    return Trained(mapped, data, designed[Condition.of([])][0] / len(test))


def chips_of(sizes: Sizes, hardware: Row) -> list[Row]:
    """Seconds for many chips with everything, from nothing but the network; then what each effect costs alone."""
    job = job_of(sizes, hardware)
    network = trained(job)
    effects = Condition.of(present_effects(job.described_hardware))
    judge = judge_of(job.examination(), network.mapped, network.data, Pace.of(job.work(), None))
    started = time.perf_counter()
    judge.correct([effects], sizes.chips)
    seconds = time.perf_counter() - started
    return _ladder("drawn", job, network, seconds)


def first_chip(sizes: Sizes, hardware: Row) -> list[Row]:
    """Seconds from the network to the accuracy of one chip: wires, ranges of the converters, and the whole test set.

    Once with programming noise, and once with all that the chip has: read noise through wires is worked out once a job.
    """
    job = job_of(sizes, hardware)
    network = trained(job)
    few: tuple[Effect, ...] = ("programming", "wires", "adc")
    seconds, everything = (
        _seconds_of_a_chip(job, network, effects) for effects in (few, present_effects(job.described_hardware))
    )
    evaluation = job.evaluation.model_copy(update={"chips": min(sizes.chips, 10)})
    few_chips = job.model_copy(update={"evaluation": evaluation})
    first, *rungs = _ladder("wired", few_chips, network, seconds)
    return [{**first, "seconds_with_everything": everything}, *rungs]


def _seconds_of_a_chip(job: CompileJob, network: Trained, effects: tuple[Effect, ...]) -> float:
    started = time.perf_counter()
    judge = judge_of(job.examination(), network.mapped, network.data, Pace.of(job.work(), None))
    judge.correct([Condition.of(effects)], 1)
    return time.perf_counter() - started


def _ladder(part: str, job: CompileJob, network: Trained, seconds: float) -> list[Row]:
    test = network.data.chip.test
    designed, pace = round(network.designed * len(test)), Pace.of(job.work(), None)
    built = judge_as_built(job.examination(), network.mapped, network.data, designed, pace)
    keys = ("accuracy", "std", "p05", "chips", "yield", "yield_ci95")
    entries = (rung.to_json() for rung in built.rungs)
    rungs = [{"stage": entry["stage"], **{key: entry.get(key) for key in keys}} for entry in entries]
    first = {"part": part, "seconds": seconds, "designed": network.designed, "chips": job.evaluation.chips}
    return [first, *({"part": part, **rung} for rung in rungs)]


def wires_in_training(sizes: Sizes, seed: int) -> Row:
    """Test accuracy through the wires of a network trained without them and of one trained with them."""
    wires = {"array": _array(COSTLY_OHM)}
    without, aware = (trained(job_of(sizes, wires, seed=seed, aware_of=aware)) for aware in ([], ["wires"]))
    job = job_of(sizes, wires, seed=seed)
    through = []
    for network in (without, aware):
        judge = judge_of(job.examination(), network.mapped, network.data, Pace.of(job.work(), None))
        condition = Condition.of(["wires"])
        through.append(judge.correct([condition], 1)[condition][0] / len(network.data.chip.test))
    lost = without.designed - through[0]
    return {
        "part": "wires_in_training",
        "seed": seed,
        "ohm": COSTLY_OHM,
        "ideal": without.designed,
        "ignored": through[0],
        "trained": through[1],
        "cost_points": 100 * lost,
        "recovered": (through[1] - through[0]) / lost if lost else 0.0,
    }


def over_time(sizes: Sizes) -> list[Row]:
    """Phase-change memory from 20 s to a year, with compensation and without, with everything that it has."""
    preset = load_preset("pcm-joshi-2020").hardware.model_dump(mode="json", exclude_none=True)
    preset["noise"]["drift"] = {"type": "pcm_joshi_2020", "compensation": "per_tile"}
    preset["noise"]["read"] = {"type": "pcm_joshi_2020"}
    job = job_of(Sizes(sizes.base, sizes.epochs, min(sizes.chips, 25), sizes.seeds), preset)
    network = trained(job)
    correct = round(network.designed * len(network.data.chip.test))
    built = judge_as_built(job.examination(), network.mapped, network.data, correct, Pace.of(job.work(), None))
    return [{"part": "over_time", "designed": network.designed, **each.to_json()} for each in built.over_time]


def calibration(sizes: Sizes) -> list[Row]:
    """Measure the share of its loss that a rough chip gets back by calibration, trained for it either way."""
    found = []
    for rule in ("none", "per_column"):
        job = job_of(Sizes(sizes.base, sizes.epochs, min(sizes.chips, 25), sizes.seeds), {**ROUGH, "calibration": rule})
        _, *rungs = _ladder("calibration", job, trained(job), 0.0)
        found += [{**rung, "calibration": rule} for rung in rungs]
    return found


def _array(ohm: float) -> Row:
    return {"rows": 128, "cols": 128, "wire_resistance": {"word": ohm, "bit": ohm}}


def effects_table(rows: list[Row]) -> str:
    """Every effect alone and all together, on both chips."""
    lines = []
    for row in rows:
        if row["part"] in {"drawn", "wired"} and "stage" in row:
            good = "" if row["yield_ci95"] is None else _share(row["yield"], row["yield_ci95"])
            lines.append([row["part"], row["stage"], _accuracy(row), str(row["chips"] or ""), good])
    return table(("chip", "stage", "accuracy", "chips", "yield, 95 %"), lines)


def calibration_table(rows: list[Row]) -> str:
    """Every effect of the rough chip, alone and all together."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["part"] == "calibration":
            found.setdefault(row["stage"], {})[row["calibration"]] = _accuracy(row)
    lines = [[stage, of["none"], of["per_column"]] for stage, of in found.items()]
    return table(("stage", "not calibrated", "calibrated per column"), lines)


def _accuracy(row: Row) -> str:
    spread = "" if row["std"] is None else f" ± {100 * row['std']:.2f}"
    return f"{100 * row['accuracy']:.2f}{spread}"


def _share(share: float, ends: list[float]) -> str:
    return f"{100 * share:.0f} % ({100 * ends[0]:.0f} to {100 * ends[1]:.0f})"


def wires_in_training_table(rows: list[Row]) -> str:
    """Table of the accuracy that ignoring the wires costs and that training with them regains."""
    lines = [
        [
            str(row["seed"]),
            f"{row['ohm']:g}",
            *(f"{100 * row[name]:.2f}" for name in ("ideal", "ignored", "trained")),
            f"{100 * row['recovered']:.0f} %",
        ]
        for row in rows
        if row["part"] == "wires_in_training"
    ]
    head = ("seed", "ohm a segment", "without wires", "ignored in training", "trained with them", "regained")
    return table(head, lines)


def time_table(rows: list[Row]) -> str:
    """Phase-change memory over time."""
    found = [row for row in rows if row["part"] == "over_time"]
    lines = [
        [
            row["stage"],
            row["compensation"],
            f"{row['seconds']:.0f}",
            f"{100 * row['accuracy']:.2f} ± {100 * (row['std'] or 0.0):.2f}",
        ]
        for row in found
    ]
    return table(("effects", "compensation", "s after the write", "accuracy"), lines)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluate", description=__doc__)
    parser.add_argument(
        "--parts", nargs="+", choices=PARTS, default=PARTS, help="measure these alone; the others stay as they were"
    )
    parser.add_argument("--threads", type=int, default=2, help="of torch, and chips at once (default 2)")
    parser.add_argument(
        "--smoke", action="store_true", help="digits and tiny networks, results below the scratch folder"
    )
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
