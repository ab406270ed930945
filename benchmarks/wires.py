"""`python -m benchmarks.wires`: arrays with wires: how fast, how exact, and beside badcrossbar.

A figure of time is the median of several runs, reduction and products included. ngspice solves the exported netlists
of pairs of 64 x 64 in both layouts at three magnitudes of resistance: minutes. badcrossbar is asked for fewer inputs,
twice, and what 10,000 take is extrapolated along a line.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks import ngspice
from benchmarks.figures import RESULTS, Figure, record
from benchmarks.load import load_before
from benchmarks.markdown import table
from benchmarks.peer_process import call_peer
from hwcore.export import netlist
from hwcore.mapping import Components
from hwcore.spec import Array, TileGrid, tile_grid
from hwcore.wires import PairLayout, Wires, layer_transfer, pair_transfer, transfer

WIRES = Wires(r_word=1.0, r_bit=1.0)
"""A segment of 1 ohm beside cells of 1 to 100 uS, as the peers are given it."""
MAGNITUDES = (0.01, 1.0, 100.0)
LAYOUTS: tuple[PairLayout, ...] = ("separate", "interleaved")
LIMIT_128, LIMIT_512, LIMIT_NGSPICE = 0.3, 12.0, 1e-9
Row = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """Sizes of everything that is measured.

    Attributes:
        small, large: rows and columns of the two arrays that are timed.
        inputs: of the small one.
        layer: rows and columns of the layer.
        judged: rows and pairs of the tile that ngspice solves.
        asked: inputs that badcrossbar is asked for.
        runs: of each timing.
    """

    small: int
    large: int
    inputs: int
    layer: tuple[int, int]
    judged: int
    asked: tuple[int, int]
    runs: int


FULL = Sizes(128, 512, 10_000, (784, 512), 64, (100, 1000), 7)
SMOKE = Sizes(16, 40, 100, (40, 30), 6, (2, 4), 1)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write wires.json."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    started, load = time.perf_counter(), load_before("a time")
    sizes = SMOKE if options.smoke else FULL
    rows = [{**row, "load": load, "threads": options.threads} for row in timings(sizes)]
    figures = [
        Figure("wires_128_10k", rows[0]["seconds"], "s", LIMIT_128),
        Figure("wires_512", rows[1]["seconds"], "s", LIMIT_512),
    ]
    if ngspice.installed():
        judged = errors(sizes.judged)
        rows += judged
        figures.append(Figure("ngspice_error", max(row["error"] for row in judged), "", LIMIT_NGSPICE))
    else:
        print(f"no error against ngspice: {ngspice.WHERE}")
    if options.peers_python is None:
        print("badcrossbar is skipped: no --peers-python (benchmarks/README.md says how to make one)")
    else:
        rows.append(badcrossbar(sizes, options.peers_python))
    print(f"\n{wires_table(rows)}\n")
    folder = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    record("wires", figures, rows, time.perf_counter() - started, folder)
    return 0


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    """Conductances from 1 to 100 uS."""
    return 1e-6 + 99e-6 * torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def timings(sizes: Sizes) -> list[Row]:
    """Seconds of what a user waits for; the figures are those of the first two rows."""
    small, large = drawn(sizes.small, sizes.small), drawn(sizes.large, sizes.large)
    inputs = 0.3 * drawn(sizes.inputs, sizes.small, seed=1) / 1e-4
    layer, grid = drawn(2, *sizes.layer), tile_grid(*sizes.layer, Array(rows=sizes.small, cols=sizes.small))
    one, other = (f"{size} x {size}" for size in (sizes.small, sizes.large))
    cases: list[tuple[str, int, Callable[[], object]]] = [
        (f"{one}, {sizes.inputs:,} inputs", sizes.runs, lambda: inputs @ transfer(small, WIRES)),
        (f"{other}, the matrix alone", max(1, sizes.runs // 2), lambda: transfer(large, WIRES)),
        (f"{one}, the matrix alone", sizes.runs, lambda: transfer(small, WIRES)),
        (f"{one}, matrix and gradient", sizes.runs, matrix_and_gradient(small)),
    ]
    for layout in LAYOUTS:
        name = f"layer of {sizes.layer[0]} x {sizes.layer[1]} pairs, {grid.count} tiles, {layout}"
        run = layer_matrices(layer, grid, layout)
        cases.append((name, max(1, sizes.runs // 3), run))
    return [{"package": "mho", "what": name, "seconds": median_seconds(run, count)} for name, count, run in cases]


def matrix_and_gradient(g: torch.Tensor) -> Callable[[], object]:
    """Return a function to be timed: the transfer matrix of an array, with the gradient of its sum in g."""
    wanted = g.clone().requires_grad_()
    return lambda: transfer(wanted, WIRES).sum().backward()  # type: ignore[no-untyped-call]


def layer_matrices(layer: torch.Tensor, grid: TileGrid, layout: PairLayout = "separate") -> Callable[[], object]:
    """Return a function to be timed: the transfer matrices of a layer of pairs, positive ones first, on its tiles."""
    return lambda: layer_transfer(Components(layer[0], layer[1]), grid, WIRES, layout)


def median_seconds(run: Callable[[], object], count: int) -> float:
    """Median of a number of runs, after one that is not timed."""
    run()
    seconds = []
    for _ in range(count):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def errors(size: int) -> list[Row]:
    """Largest relative difference of any current from ngspice's, on drawn pairs of size x size."""
    rows = []
    for number, r in enumerate(MAGNITUDES):
        wires = Wires(r_word=r, r_bit=2 * r, r_driver=10 * r, r_sense=20 * r)
        for layout in LAYOUTS:
            g = Components(drawn(size, size, seed=number), drawn(size, size, seed=9 + number))
            drive = drawn(size) / 1e-4
            started = time.perf_counter()
            references = ngspice.currents(netlist(g, drive, wires, layout), size, timeout=3600)
            seconds = time.perf_counter() - started
            found = pair_transfer(g, wires, layout)
            error = max(_apart(drive @ m, current) for m, current in zip(found, references, strict=True))
            what = f"{size} x {size} pairs, {layout}, {r:g} ohm a segment of word line, one input"
            rows.append({"package": ngspice.version(), "what": what, "seconds": seconds, "error": error})
    return rows


def badcrossbar(sizes: Sizes, python: str) -> Row:
    """Seconds for all inputs, from two smaller numbers of them, and the relative difference of the currents."""
    g, drive = drawn(sizes.small, sizes.small), 0.3 * drawn(sizes.asked[1], sizes.small, seed=1) / 1e-4
    array = {"g": g.tolist(), "r_word": WIRES.r_word, "r_bit": WIRES.r_bit}
    # The first answer is thrown away: it pays for what is loaded once.
    request = {"arrays": [{**array, "drive": drive[:count].tolist()} for count in (1, *sizes.asked)]}
    answer = call_peer(python, Path(__file__).parent / "peers" / "badcrossbar_currents.py", request)
    _, fewer, more = answer["seconds"]
    per_input = (more - fewer) / (sizes.asked[1] - sizes.asked[0])
    return {
        "package": "badcrossbar",
        "what": f"{sizes.small} x {sizes.small}, {sizes.inputs:,} inputs, extrapolated from {sizes.asked[0]} and "
        f"{sizes.asked[1]}",
        "seconds": more + per_input * (sizes.inputs - sizes.asked[1]),
        "error": _apart(drive @ transfer(g, WIRES), torch.tensor(answer["currents"][-1], dtype=torch.float64)),
        "versions": answer["versions"],
        "measured": {str(sizes.asked[0]): fewer, str(sizes.asked[1]): more},
    }


def wires_table(rows: list[Row]) -> str:
    """Every row; the error is that of mho against the package."""
    lines = [
        [row["package"], row["what"], f"{row['seconds']:.3g}", f"{row['error']:.1e}" if "error" in row else ""]
        for row in rows
    ]
    return table(("package", "what", "s", "largest relative difference to mho"), lines)


def _apart(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float(((found - expected) / expected).abs().max())


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wires", description=__doc__)
    parser.add_argument("--peers-python", help="an interpreter with badcrossbar in it")
    parser.add_argument("--threads", type=int, default=2, help="of torch (default 2)")
    parser.add_argument("--smoke", action="store_true", help="small arrays, results below the scratch folder")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
