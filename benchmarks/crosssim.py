"""`python -m benchmarks.crosssim`: the plain network of CrossSim's tutorial on chips with its noise, and how it counts.

The tutorial (sandialabs/cross-sim, tutorial/ISCA2024/isca24_codesign.ipynb, part 3) prints 98.98 % in floating point
and 93.74 % for the same network on the array. Its loop starts the predictions and the labels as 10,000 zeros each and
appends to both, so that 10,000 zeros that agree are counted among 20,000. Here the network is trained at the tutorial's
learning rate and at that of our grid, put on the array with one scale for a layer, as the tutorial has it, and one for
a column, and counted both ways.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks import row_store
from benchmarks.cases import Case, digest
from benchmarks.experiments import SEEDS, crosssim
from benchmarks.figures import RESULTS, Figure, commit, record
from benchmarks.float_networks import float_network, source_digest
from benchmarks.images import images_of
from benchmarks.markdown import table
from benchmarks.summary import Spread
from hwcore.layers import map_network
from hwcore.pipeline.evaluate import designed_logits
from hwcore.pipeline.parts.as_built import judge_as_built
from hwcore.pipeline.parts.machine import choose_device, machine
from hwcore.pipeline.parts.networks import rounded
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import parse_compile_job

Row = dict[str, Any]
RATES = (1e-3, 1e-2)
"""The tutorial's learning rate, and that of our grid."""
SCALES = ("per_layer", "per_column")
PUBLISHED = {"float": 98.98, "plain": 93.74, "hardware_aware": 97.62}
"""Printed by the tutorial, in percent: without noise, the same network on 10 chips, and trained with the noise."""
HELD_OUT = 0.2


def as_counted(accuracy: float) -> float:
    """Number that the tutorial's loop prints for an accuracy a: (n + n a) / 2 n, both in percent."""
    return 50.0 + accuracy / 2


def of_the_images(printed: float) -> float:
    """The accuracy behind a number that the tutorial's loop prints, both in percent."""
    return 2 * printed - 100.0


def main(arguments: list[str] | None = None) -> int:
    """Measure what is missing, print the table, write crosssim.json. Rows are kept as they come: a stop loses one."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    started = time.perf_counter()
    folder = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    path, wanted = folder / "crosssim.rows.jsonl", [(seed, rate) for seed in options.seeds for rate in RATES]
    done = row_store.read(path)
    rows = []
    for seed, rate in wanted:
        case = _case(seed, rate, "per_layer", smoke=options.smoke)
        key = digest({"case": case.key, "scales": SCALES})
        if key not in done:
            row_store.append(path, {"key": key, **measure(seed, rate, options.scratch, smoke=options.smoke)})
        rows.append(row_store.read(path)[key])
    print(f"\n{crosssim_table(rows)}\n")
    record("crosssim", figures_of(rows), rows, time.perf_counter() - started, folder)
    return 0


def measure(seed: int, rate: float, scratch: Path, *, smoke: bool = False) -> Row:
    """Train the plain network and write it to 25 chips under both scalings; the test images are read here alone."""
    started, device = time.perf_counter(), choose_device("cpu")
    case = _case(seed, rate, SCALES[0], smoke=smoke)
    trained = float_network(case, case.job.training.epochs_in_floating_point, scratch, device)
    network: Any = trained.network
    data = images_of(case, device)
    chips: dict[str, Row] = {}
    for scale in SCALES:
        job = _case(seed, rate, scale, smoke=smoke).job
        mapped = map_network(rounded(job.course(), network, data, device, "full_range"))
        correct = int((designed_logits(mapped, data.chip.test).argmax(1) == data.chip.test.labels.cpu()).sum())
        built = judge_as_built(job.examination(), mapped, data, correct, Pace.of(job.work(), None))
        rung = next(each.to_json() for each in built.rungs if each.stage.text == "programming")
        chips[scale] = {name: rung[name] for name in ("accuracy", "std", "chips")}
    return {
        "seed": seed,
        "rate": rate,
        "float": trained.test,
        "held_out": trained.validation,
        "plain": chips,
        "seconds": round(time.perf_counter() - started, 1),
        "commit": commit(),
        "hwcore": source_digest(),
        "machine": machine(device, torch.get_num_threads()),
    }


def figures_of(rows: list[Row]) -> list[Figure]:
    """Figures of every rate: the mean over the seeds, of the images and as the tutorial counts."""
    figures = []
    for rate in sorted({row["rate"] for row in rows}):
        mine = [row for row in rows if row["rate"] == rate]
        figures.append(Figure(f"crosssim_float_rate_{rate:g}", _percent(mine, None).mean, "%"))
        for scale in SCALES:
            mean = _percent(mine, scale).mean
            figures.append(Figure(f"crosssim_plain_{scale}_rate_{rate:g}", mean, "%"))
            figures.append(Figure(f"crosssim_plain_{scale}_rate_{rate:g}_as_counted", as_counted(mean), "%"))
    return figures


def crosssim_table(rows: list[Row]) -> str:
    """Every rate and scaling beside what was published, of the images and as the tutorial counts."""
    lines = []
    for rate in sorted({row["rate"] for row in rows}):
        mine = [row for row in rows if row["rate"] == rate]
        for stage in (None, *SCALES):
            found = _percent(mine, stage)
            where = "floating point" if stage is None else f"25 chips, a scale {stage.replace('_', ' ')}"
            lines.append([f"rate {rate:g}", where, str(found), f"{as_counted(found.mean):.2f}", str(found.count)])
    for stage, where in (("float", "floating point"), ("plain", "10 chips, a scale per layer")):
        printed = PUBLISHED[stage]
        lines.append(["published, rate 0.001", where, f"{of_the_images(printed):.2f}", f"{printed:.2f}", "1"])
    return table(("trained", "where", "of the images", "as the tutorial counts", "seeds"), lines)


def _percent(rows: list[Row], scale: str | None) -> Spread:
    return Spread.of([100 * (row["float"] if scale is None else row["plain"][scale]["accuracy"]) for row in rows])


def _case(seed: int, rate: float, scale: str, *, smoke: bool) -> Case:
    document = crosssim()
    document["hardware"]["weights"]["scale"] = scale
    document["training"] |= {"learning_rate": rate, "seed": seed, **({"float_epochs": 1} if smoke else {})}
    if smoke:
        document["evaluation"] = {"chips": 2}
    job = parse_compile_job(document).resolved()
    return Case("crosssim", f"rate {rate:g}", "smooth", seed, job, HELD_OUT, 2000 if smoke else None)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crosssim", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--smoke", action="store_true", help="a few images and chips, results below the scratch folder")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
