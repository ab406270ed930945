"""`python -m benchmarks.cuda`: training and wires on a GPU, beside the processor of the same machine.

784-512-512-10 with batch normalisation, batch 256, optimiser and data included; the job is `examples/mnist.json`, all
of it. On a machine with a CUDA device only.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from benchmarks.figures import RESULTS, Figure, record
from benchmarks.jobs import data_dir, example
from benchmarks.load import load_before
from benchmarks.markdown import table
from benchmarks.peers.interleaved import interleave
from benchmarks.training_step import FOUR, PLAIN, TWO_FIFTY_SIX, VARIANTS, Bench
from benchmarks.wires import WIRES, drawn, layer_matrices, matrix_and_gradient, median_seconds
from hwcore.pipeline import run
from hwcore.processors import available_threads
from hwcore.spec import Array, tile_grid
from hwcore.wires import transfer

Row = dict[str, Any]
LIMIT, LIMIT_LEVELS = 1.25, 1.05
RUNS = 5


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write cuda.json; 1 where there is no CUDA device."""
    options = _options(arguments)
    if not torch.cuda.is_available():
        print("nothing is measured: torch finds no CUDA device here")
        return 1
    started, load = time.perf_counter(), load_before("a time")
    torch.set_num_threads(available_threads())
    devices = [torch.device("cuda"), torch.device("cpu")]
    rows = [row for device in devices for row in _steps(device, options.smoke)]
    rows += [row for device in devices for row in _wires(device, options.smoke)]
    if not options.smoke:
        rows += [_job(device) for device in devices]
    rows = [
        {**row, "gpu": torch.cuda.get_device_name(), "threads": torch.get_num_threads(), "load": load} for row in rows
    ]
    ratio = {(row["device"], row["what"]): row["ratio"] for row in rows if "ratio" in row}
    figures = [
        Figure("cuda_step_ratio", ratio["cuda", FOUR], "x", LIMIT),
        Figure("cuda_step_ratio_256_over_4", ratio["cuda", TWO_FIFTY_SIX] / ratio["cuda", FOUR], "x", LIMIT_LEVELS),
        *(Figure(f"cuda_speed_up_{name}", times, "x") for name, times in _speed_ups(rows).items()),
    ]
    print(f"\n{cuda_table(rows)}\n")
    folder = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    record("cuda", figures, rows, time.perf_counter() - started, folder)
    return 0


def _steps(device: torch.device, smoke: bool) -> list[Row]:
    """A plain step, and every variant by it."""
    counts = {"rounds": 2, "steps": 3, "warm_up": 3} if smoke else {"rounds": 20, "steps": 15, "warm_up": 60}
    bench = Bench(device)
    variants = {name: bench.variant(name) for name in VARIANTS}
    plain, timings, _ = interleave(bench.plain(), variants, **counts, wait=_wait_for(device))
    found = [{"what": PLAIN, "ratio": 1.0, "seconds": plain}]
    found += [{"what": name, **asdict(timing)} for name, timing in timings.items()]
    return [{"kind": "step", "device": device.type, **row} for row in found]


def _wires(device: torch.device, smoke: bool) -> list[Row]:
    """Transfer matrices: an array with many inputs, a large one, a layer of tiles, and one with its gradient."""
    side, large, inputs, layer = (16, 40, 100, (40, 30)) if smoke else (128, 512, 10_000, (784, 512))
    small, big = drawn(side, side).to(device), drawn(large, large).to(device)
    drive = (0.3 * drawn(inputs, side, seed=1) / 1e-4).to(device)
    pairs, grid = drawn(2, *layer).to(device), tile_grid(*layer, Array(rows=side, cols=side))
    cases: dict[str, Callable[[], object]] = {
        f"{side} x {side}, {inputs:,} inputs": lambda: drive @ transfer(small, WIRES),
        f"{large} x {large}, the matrix alone": lambda: transfer(big, WIRES),
        f"layer of {layer[0]} x {layer[1]} pairs, {grid.count} tiles": layer_matrices(pairs, grid),
        f"{side} x {side}, matrix and gradient": matrix_and_gradient(small),
    }
    return [
        {"kind": "wires", "device": device.type, "what": what, "seconds": _seconds(case, device)}
        for what, case in cases.items()
    ]


def _job(device: torch.device) -> Row:
    """`examples/mnist.json` from the first line to the last file, after one epoch to wake the device up."""
    job = example("mnist")
    short = job.model_copy(update={"training": job.training.model_copy(update={"epochs": 1, "float_epochs": 1})})
    with tempfile.TemporaryDirectory(prefix="mho-cuda-") as folder:
        run(short, Path(folder) / "short", device=device.type, data_dir=data_dir())
        started = time.perf_counter()
        report = run(job, Path(folder) / "out", device=device.type, data_dir=data_dir())
        seconds = time.perf_counter() - started
    accuracy = {rung["stage"]: rung["accuracy"] for rung in report["ladder"]}
    what = "job examples/mnist.json"
    return {"kind": "job", "device": device.type, "what": what, "seconds": seconds, "accuracy": accuracy}


def _seconds(case: Callable[[], object], device: torch.device) -> float:
    def done() -> None:
        case()
        _wait_for(device)()

    return median_seconds(done, RUNS)


def _wait_for(device: torch.device) -> Callable[[], None]:
    """Return a function that waits until the device has done all that it was given."""
    return torch.cuda.synchronize if device.type == "cuda" else lambda: None


def _speed_ups(rows: list[Row]) -> dict[str, float]:
    """Seconds on the processor over seconds on the GPU: of a step, of a layer's matrices, of the job."""
    seconds = {(row["device"], row["what"]): row["seconds"] for row in rows}
    named = {"step": FOUR}
    named |= {row["kind"]: row["what"] for row in rows if row["kind"] == "job" or row["what"].startswith("layer")}
    return {name: seconds["cpu", what] / seconds["cuda", what] for name, what in named.items()}


def cuda_table(rows: list[Row]) -> str:
    """Table of the measurements, a line each: seconds on either device, and the ratio to a plain step."""
    by_device = {(row["device"], row["what"]): row for row in rows}
    lines = []
    for what in dict.fromkeys(row["what"] for row in rows):
        gpu, cpu = by_device["cuda", what], by_device["cpu", what]
        ratios = [f"{row['ratio']:.2f}" if "ratio" in row else "" for row in (gpu, cpu)]
        name = f"step, {what}" if gpu["kind"] == "step" else what
        lines.append([name, f"{gpu['seconds']:.3g}", f"{cpu['seconds']:.3g}", *ratios])
    head = ("what", "GPU, s", "processor, s", "GPU, over a plain step", "processor, over a plain step")
    return table(head, lines)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuda", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="little of everything, results below the scratch folder")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
