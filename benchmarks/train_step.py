"""`python -m benchmarks.train_step`: a hardware-aware training step against a plain one, ours and the peers'.

784-512-512-10 with batch normalisation, batch 256, optimiser and data included, two threads; plain and hardware-aware
steps turn by turn in one process, the median of their ratios. Memory: growth of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.figures import RESULTS, Figure, record
from benchmarks.load import load_before
from benchmarks.peer_process import call_peer
from benchmarks.peers.interleaved import interleave
from benchmarks.peers.peak_memory import forget_peak, peak_resident, resident
from benchmarks.step_table import step_table
from benchmarks.training_step import FOUR, PLAIN, TURN, TURNS, TWO_FIFTY_SIX, Bench, describable

PEERS = {
    "brevitas": ("brevitas_step.py", ("learned scale", "scale of the largest weight")),
    "aihwkit-lightning": ("aihwkit_lightning_step.py", ("quantised", "quantised, weight noise")),
}
THREADS = 2
LIMIT, LIMIT_LEVELS = 1.25, 1.05
MEMORY_STEPS = 30


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write train_step.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    if options.memory_of is not None:
        print(json.dumps(_growth(options.memory_of)))
        return 0
    started = time.perf_counter()
    load = load_before("a ratio of two-thread steps")
    rounds, steps, warm_up = (2, 3, 3) if options.smoke else (TURNS, TURN, 4 * TURN)
    counts = {"rounds": rounds, "steps": steps, "warm_up": warm_up}
    names, refused = describable()
    for line in refused:
        print(f"cannot be described by this mho: {line}")
    bench = Bench(torch.device("cpu"))
    variants = {name: bench.variant(name) for name in names}
    plain_seconds, timings, ratios = interleave(bench.plain(), variants, rounds=rounds, steps=steps, warm_up=warm_up)
    rows = [_row("mho", PLAIN, {"ratio": 1.0, "seconds": plain_seconds}, _child(PLAIN, options.threads), load=load)]
    rows += [_row("mho", name, asdict(timings[name]), _child(name, options.threads)) for name in names]
    if options.peers_python is None:
        print("peers are skipped: no --peers-python (benchmarks/README.md says how to make one)")
    else:
        rows += _peers(options.peers_python, bench, counts, options.threads)
    levels = sorted(b / a for a, b in zip(ratios[FOUR], ratios[TWO_FIFTY_SIX], strict=True))
    figures = [
        Figure("step_ratio", timings[FOUR].ratio, "x", LIMIT),
        Figure("step_ratio_256_levels", timings[TWO_FIFTY_SIX].ratio, "x", LIMIT),
        Figure("step_ratio_256_over_4", float(np.median(levels)), "x", LIMIT_LEVELS),
    ]
    print(f"\n{step_table(rows)}\n")
    folder = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    record("train_step", figures, rows, time.perf_counter() - started, folder)
    return 0


def _row(package: str, variant: str, timing: dict[str, Any], growth: int, **more: Any) -> dict[str, Any]:
    return {"package": package, "variant": variant, **timing, "growth_bytes": growth, **more}


def _growth(name: str) -> int:
    bench = Bench(torch.device("cpu"))
    forget_peak()
    before = resident()
    step = bench.plain() if name == PLAIN else bench.variant(name)
    for number in range(MEMORY_STEPS):
        step(number)
    return peak_resident() - before


def _child(name: str, threads: int) -> int:
    command = [sys.executable, "-m", "benchmarks.train_step", "--memory-of", name, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(json.loads(done.stdout.splitlines()[-1]))


def _peers(python: str, bench: Bench, counts: dict[str, int], threads: int) -> list[dict[str, Any]]:
    """The same measurement in the peers' interpreter, against a plain step of that interpreter."""
    examples, training = bench.data.chip.training, bench.plain_job.training
    rows = []
    with tempfile.TemporaryDirectory(prefix="mho-bench-") as folder:
        images = Path(folder) / "images.npz"
        np.savez(images, codes=examples.codes.numpy(), labels=examples.labels.numpy())
        request = {
            "images": str(images),
            "lsb": examples.lsb,
            "widths": [784, 512, 512, 10],
            "threads": threads,
            "total_steps": len(examples) // training.batch * training.epochs,
            **{name: getattr(training, name) for name in ("batch", "learning_rate", "weight_decay", "label_smoothing")},
        }
        for package, (script, names) in PEERS.items():
            path = Path(__file__).parent / "peers" / script
            found = call_peer(python, path, request | counts)
            growth = {
                name: call_peer(python, path, request | {"warm_up": MEMORY_STEPS, "memory_of": name})["growth_bytes"]
                for name in (PLAIN, *names)
            }
            versions = {"versions": found["versions"]}
            plain = {"ratio": 1.0, "seconds": found["plain_seconds"]}
            rows.append(_row(package, PLAIN, plain, growth[PLAIN], **versions))
            rows += [_row(package, name, found["timings"][name], growth[name], **versions) for name in names]
    return rows


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_step", description=__doc__)
    parser.add_argument("--peers-python", help="an interpreter with brevitas and aihwkit-lightning in it")
    parser.add_argument("--threads", type=int, default=THREADS, help=f"of torch (default {THREADS})")
    parser.add_argument("--smoke", action="store_true", help="a few steps, results below the scratch folder")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
