"""Training steps timed turn by turn against a plain one, with the memory that each takes, and the peers' likewise."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.figures import RESULTS, Figure, record
from benchmarks.load import load_before
from benchmarks.peer_process import call_peer
from benchmarks.peers.interleaved import Timing, interleave
from benchmarks.peers.peak_memory import forget_peak, peak_resident, resident
from benchmarks.step_table import step_table
from benchmarks.training_step import PLAIN, TURN, TURNS, Bench, describable
from hwcore.pipeline.parts.freed_memory import keep_freed_memory

THREADS = 2
MEMORY_STEPS = 30
Peers = Mapping[str, tuple[str, tuple[str, ...]]]
"""Script in benchmarks/peers and names of its variants, by package."""


@dataclass(frozen=True)
class Subject:
    """Subject of one benchmark of steps.

    Attributes:
        name: of the benchmark's module.
        make: the data and networks.
        variants: documents of jobs by name.
        peers: of the same network.
        widths: of the layers of a perceptron, for peers that build one.
        turns: of each network.
        turn: steps of one.
    """

    name: str
    make: Callable[[], Bench]
    variants: Mapping[str, dict[str, Any]]
    peers: Peers
    widths: Sequence[int] = ()
    turns: int = TURNS
    turn: int = TURN


@dataclass(frozen=True)
class Measured:
    """Timings of all steps of this interpreter, and a row for each step, those of peers included.

    Attributes:
        timings: by name of the step.
        ratios: over the plain step, of every round, by name.
        rows: for the document.
    """

    timings: Mapping[str, Timing]
    ratios: Mapping[str, list[float]]
    rows: list[dict[str, Any]]


def run(
    subject: Subject, about: str | None, figures_of: Callable[[Measured], list[Figure]], arguments: list[str] | None
) -> int:
    """Measure, print the table, write the document; or, in a process of its own, tell the memory of one step.

    Args:
        subject: of the benchmark.
        about: it in words.
        figures_of: its figures.
        arguments: of the command line.
    """
    options = _options_of(subject.name, about, arguments)
    if options.memory_of is not None:
        print(json.dumps(_growth(subject, options.memory_of)))
        return 0
    started = time.perf_counter()
    measured = _measure(subject, options)
    print(f"\n{step_table(measured.rows)}\n")
    folder = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    record(subject.name, figures_of(measured), measured.rows, time.perf_counter() - started, folder)
    return 0


def _measure(subject: Subject, options: argparse.Namespace) -> Measured:
    """Take turns with all steps, then ask a process of its own for the memory of each, then the peers."""
    load = load_before("a ratio of two-thread steps")
    rounds, steps, warm_up = (2, 3, 3) if options.smoke else (subject.turns, subject.turn, 4 * subject.turn)
    counts = {"rounds": rounds, "steps": steps, "warm_up": warm_up}
    described, refused = describable(subject.variants)
    for line in refused:
        print(f"cannot be described by this mho: {line}")
    bench = subject.make()
    names = [*bench.floats, *described]
    variants = {name: bench.step(name) for name in names}
    plain_seconds, timings, ratios = interleave(bench.plain(), variants, rounds=rounds, steps=steps, warm_up=warm_up)

    def grown(name: str) -> int:
        return _child(subject, name, options.threads)

    rows = [_row("mho", PLAIN, {"ratio": 1.0, "seconds": plain_seconds}, grown(PLAIN), load=load)]
    rows += [_row("mho", name, asdict(timings[name]), grown(name)) for name in names]
    if options.peers_python is None:
        print("peers are skipped: no --peers-python (benchmarks/README.md says how to make one)")
    else:
        rows += _peers(subject, options.peers_python, bench, counts, options.threads)
    return Measured(timings, ratios, rows)


def _growth(subject: Subject, name: str) -> int:
    """Growth of this process from before it builds the network to its peak within some steps, bytes."""
    bench = subject.make()
    forget_peak()
    before = resident()
    step = bench.step(name)
    for number in range(MEMORY_STEPS):
        step(number)
    return peak_resident() - before


def _options_of(subject: str, about: str | None, arguments: list[str] | None) -> argparse.Namespace:
    """Options of a benchmark of steps."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{subject}", description=about)
    parser.add_argument("--peers-python", help="an interpreter with the peers in it")
    parser.add_argument("--threads", type=int, default=THREADS, help=f"of torch (default {THREADS})")
    parser.add_argument("--smoke", action="store_true", help="a few steps, results below the scratch folder")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    # As every job does; the plain step has it as well.
    keep_freed_memory()
    return options


def _row(package: str, variant: str, timing: dict[str, Any], growth: int, **more: Any) -> dict[str, Any]:
    return {"package": package, "variant": variant, **timing, "growth_bytes": growth, **more}


def _child(subject: Subject, name: str, threads: int) -> int:
    command = [sys.executable, "-m", f"benchmarks.{subject.name}", "--memory-of", name, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(json.loads(done.stdout.splitlines()[-1]))


def _peers(subject: Subject, python: str, bench: Bench, counts: dict[str, int], threads: int) -> list[dict[str, Any]]:
    """The same measurement in the peers' interpreter, against a plain step of that interpreter."""
    examples, training = bench.data.chip.training, bench.plain_job.training
    rows = []
    with tempfile.TemporaryDirectory(prefix="mho-bench-") as folder:
        images = Path(folder) / "images.npz"
        np.savez(images, codes=examples.codes.numpy(), labels=examples.labels.numpy())
        request = {
            "images": str(images),
            "lsb": examples.lsb,
            "widths": list(subject.widths),
            "threads": threads,
            "total_steps": len(examples) // training.batch * training.epochs,
            **{name: getattr(training, name) for name in ("batch", "learning_rate", "weight_decay", "label_smoothing")},
        }
        for package, (script, names) in subject.peers.items():
            path = Path(__file__).parent / "peers" / script
            found = call_peer(python, path, request | counts)
            grown = {
                name: call_peer(python, path, request | {"warm_up": MEMORY_STEPS, "memory_of": name})["growth_bytes"]
                for name in (PLAIN, *names)
            }
            versions = {"versions": found["versions"]}
            plain = {"ratio": 1.0, "seconds": found["plain_seconds"]}
            rows.append(_row(package, PLAIN, plain, grown[PLAIN], **versions))
            rows += [_row(package, name, found["timings"][name], grown[name], **versions) for name in names]
    return rows
