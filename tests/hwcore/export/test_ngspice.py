"""The outside judge: ngspice on the exported netlist, every current of every tile.

Its time grows with the cube of the size: 64 x 64 takes a minute, so `python -m benchmarks.wires` has those.
"""

import itertools
import subprocess
from pathlib import Path

import pytest
import torch

from benchmarks import ngspice
from hwcore.export import netlist
from hwcore.mapping import Components
from hwcore.wires import PairLayout, Wires, pair_transfer
from tests.hwcore.wires.drawn_arrays import apart, drawn, driven

pytestmark = pytest.mark.skipif(not ngspice.installed(), reason=ngspice.WHERE)

BAR = 1e-9
"""Relative, on every current; about 1e-12 is seen."""
LAYOUTS: tuple[PairLayout, ...] = ("separate", "interleaved")
SOME_ARE_ZERO = [Wires(*r) for r in itertools.product((0.0, 25.0), repeat=4)]


def compare(rows: int, cols: int, wires: Wires, layout: PairLayout, off: float = 0.05) -> float:
    g, drive = Components(drawn(rows, cols, off=off), drawn(rows, cols, off=off, seed=1)), driven(rows)
    asked = ngspice.currents(netlist(g, drive, wires, layout), cols)
    found = pair_transfer(g, wires, layout)
    return max(apart(drive @ m, current) for m, current in zip(found, asked, strict=True))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("wires", SOME_ARE_ZERO, ids=str)
def test_every_combination_of_no_resistance(wires: Wires, layout: PairLayout) -> None:
    assert compare(5, 4, wires, layout) < BAR


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("r", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("shape", [(1, 1), (16, 40), (32, 32)])
def test_random_arrays(shape: tuple[int, int], r: float, layout: PairLayout) -> None:
    assert compare(*shape, Wires(r, 2 * r, 10 * r, 20 * r), layout) < BAR


@pytest.mark.parametrize("layout", LAYOUTS)
def test_wires_alone_and_cells_half_of_which_are_off(layout: PairLayout) -> None:
    assert compare(30, 20, Wires(3.0, 3.0), layout, off=0.5) < BAR


def test_the_circuit_is_solved_once_and_only_what_is_measured_is_printed(tmp_path: Path) -> None:
    g = torch.rand(6, 21, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    path = tmp_path / "tile.sp"
    path.write_text(netlist(Components(g, g), torch.ones(6, dtype=torch.float64), Wires(1.0, 1.0)), encoding="utf-8")
    done = subprocess.run(["ngspice", "-b", str(path)], capture_output=True, text=True, timeout=60, check=True)
    lines = done.stdout.splitlines()
    assert done.stdout.count("Doing analysis") == 1
    values = [line for line in lines if " = " in line and line.startswith("i(v")]
    assert len(values) == 2 * 21
    # Beside them ngspice says what it is doing, in fewer lines than there were nodes to print.
    assert len(lines) - len(values) < 15


def test_a_missing_current_is_said() -> None:
    with pytest.raises(RuntimeError, match="ngspice printed 0 currents of 4"):
        ngspice.currents("* nothing\nR1 a 0 1\n.end\n", 2)


def test_the_currents_are_those_of_their_names() -> None:
    g = torch.tensor([[1e-5, 2e-5, 3e-5]], dtype=torch.float64)
    pos, neg = ngspice.currents(netlist(Components(g, 10 * g), torch.ones(1, dtype=torch.float64), Wires()), 3)
    assert apart(pos, g[0]) < 1e-15 * 4
    assert apart(neg, 10 * g[0]) < 1e-15 * 4
