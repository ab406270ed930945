"""`python -m benchmarks.cnn_chip`: seconds for the test images of CIFAR-10 through one chip of resnet-8, 8-bit ADCs.

From the network to the accuracy of one chip with programming noise, ranges of the converters calibrated, on 128 x 128
tiles: without wires, and with them. One chip is judged on one thread. How long it takes does not depend on how well the
network was trained: it has seen some hundred batches.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.cnn_step import VARIANTS as TRAINED
from benchmarks.cnn_step import ResidualBench
from benchmarks.experiments import Document
from benchmarks.figures import RESULTS, Figure, record
from benchmarks.load import load_before
from benchmarks.markdown import table
from benchmarks.training_step import step_of
from hwcore.layers import HardwareNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.as_built import judge_of
from hwcore.pipeline.parts.networks import rounded
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import CompileJob, Condition, parse_compile_job, present_effects

Row = dict[str, Any]
THREADS = 2
STEPS = 300
ADC: Document = {"bits": 8}
OHM = 1.0
"""Resistance of a segment, with cells of 50 uS."""
LINES: Document = {"wire_resistance": {"word": OHM, "bit": OHM}}
CHIPS: dict[str, tuple[str, float, Document]] = {
    "8-bit ADC": ("cnn_chip_seconds", 60.0, {}),
    "8-bit ADC, wires": ("cnn_chip_seconds_wires", 120.0, LINES),
}
"""Figure, limit and lines of the arrays of each chip."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write cnn_chip.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    started, load = time.perf_counter(), load_before("a time")
    bench = ResidualBench(torch.device("cpu"), TRAINED)
    network = _trained(bench, 5 if options.smoke else STEPS)
    mapped = map_network(network)
    rows = [
        {**_seconds(job_of(lines), mapped, bench), "chip": name, "load": load, "threads": options.threads}
        for name, (_, _, lines) in CHIPS.items()
    ]
    named = zip(CHIPS.values(), rows, strict=True)
    figures = [Figure(name, row["seconds"], "s", limit) for (name, limit, _), row in named]
    print(f"\n{chip_table(rows)}\n")
    folder = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    record("cnn_chip", figures, rows, time.perf_counter() - started, folder)
    return 0


def job_of(lines: Document) -> CompileJob:
    """The job whose network is trained, with converters and lines."""
    document = next(iter(TRAINED.values()))
    chip = document["hardware"] | {"adc": ADC, "array": {"rows": 128, "cols": 128, **lines}}
    return parse_compile_job(document | {"hardware": chip, "evaluation": {"chips": 1}}).resolved()


def chip_table(rows: list[Row]) -> str:
    """One line for each chip."""
    lines = [[row["chip"], f"{row['images']:,}", f"{row['tiles']}", f"{row['seconds']:.1f}"] for row in rows]
    return table(("one chip of resnet-8", "images", "tiles", "seconds"), lines)


def _trained(bench: ResidualBench, steps: int) -> HardwareNetwork:
    job = job_of({})
    network = rounded(job.course(), bench.trained, bench.data, bench.device, "least_error")
    step = step_of(network, bench.data.chip.training, job, hardware_aware=True, teacher_logits=bench.teacher_logits)
    for number in range(steps):
        step(number)
    return network.eval()


def _seconds(job: CompileJob, mapped: MappedNetwork, bench: ResidualBench) -> Row:
    judge = judge_of(job.examination(), mapped, bench.data, Pace.of(job.work(), None))
    condition = Condition.of(present_effects(job.described_hardware))
    started = time.perf_counter()
    judge.correct([condition], 1)
    seconds = time.perf_counter() - started
    tiles = sum(array.grid.count for layer in mapped.layers for array in layer.arrays)
    return {"seconds": round(seconds, 1), "images": len(bench.data.chip.test), "tiles": tiles}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cnn_chip", description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS, help=f"of torch (default {THREADS})")
    parser.add_argument("--smoke", action="store_true", help="a few steps, results below the scratch folder")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
