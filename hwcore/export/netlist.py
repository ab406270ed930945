"""One tile as an ngspice netlist: every cell, every segment, and the currents it gives for one input."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from hwcore.mapping import Components
from hwcore.wires import PairLayout, Wires, interleaved

OPTIONS = "reltol=1e-10 abstol=1e-20 vntol=1e-15 gmin=1e-20 numdgt=17"
"""Tolerances far below those of any comparison: the circuit is linear, and they only decide the last digits."""
PER_LINE = 8
"""Currents printed on one line."""


@dataclass(frozen=True, eq=False)
class _Array:
    """One physical array: the prefix of its word lines, the names of its bit lines, and its conductances, S."""

    word: str
    bits: list[str]
    g: list[list[float]]


def netlist(
    g: Components,
    drive: Float64[Tensor, " rows"],
    wires: Wires,
    layout: PairLayout = "separate",
    *,
    title: str = "tile",
) -> str:
    """Write the circuit of docs/explanation/wires.md in the language of ngspice 39, with one operating point.

    `ngspice -b FILE` solves it once and prints the current of every sense amplifier with 17 digits, as
    `i(vpos_3) = ...` and `i(vneg_3) = ...` of pair 3. A resistance of zero has no resistor, since ngspice would take it
    for a milliohm: the two nodes are one. A cell that does not conduct has no resistor either, nor one of less than
    5.6e-309 S, whose resistance overflows.

    Args:
        g: conductances of the tile, S.
        drive: voltages of the word lines, V.
        wires: resistances.
        layout: separate: two arrays, whose word lines have the same sources, each with its own driver resistance.
            interleaved: one array, columns positive, negative, positive, ...
        title: first line; line breaks become spaces.

    Returns:
        Text that reads back to the same numbers to about 1e-15.
    """
    names = [[f"{sign}_{col}" for col in range(g.pos.shape[1])] for sign in ("pos", "neg")]
    if layout == "interleaved":
        bits = [name for pair in zip(*names, strict=True) for name in pair]
        arrays = [_Array("w", bits, interleaved(g).tolist())]
    else:
        sides = zip("pn", names, g, strict=True)
        arrays = [_Array(f"w{sign}", bits, side.tolist()) for sign, bits, side in sides]
    outputs = [f"i(v{name})" for array in arrays for name in array.bits]
    lines = [
        f"* {' '.join(title.split())}: {g.pos.shape[0]} word lines, {g.pos.shape[1]} pairs of bit lines, {layout}",
        f"* ohm: {', '.join(f'{name} {value!r}' for name, value in vars(wires).items())}",
        *(f"Vin_{row} in_{row} 0 DC {volt!r}" for row, volt in enumerate(drive.tolist())),
    ]
    for array in arrays:
        lines += [*_word_lines(array, wires), *_cells(array, wires), *_bit_lines(array, wires)]
    lines += [f".options {OPTIONS}", ".op"]
    groups = [outputs[start : start + PER_LINE] for start in range(0, len(outputs), PER_LINE)]
    lines += [f".save {' '.join(group)}" for group in groups]
    lines += [".control", "set numdgt=17", "run", *(f"print {' '.join(group)}" for group in groups)]
    # Without `quit` ngspice would solve once more at the end of its batch, and print every node.
    lines += ["quit", ".endc", ".end"]
    return "\n".join(lines) + "\n"


def _word_node(array: _Array, wires: Wires, row: int, col: int) -> str:
    """Node of the word line at a cell; col -1 is the end of the driver resistance."""
    if col >= 0 and wires.r_word:
        return f"{array.word}_{row}_{col}"
    return f"{array.word}_{row}" if wires.r_driver else f"in_{row}"


def _bit_node(array: _Array, wires: Wires, row: int, col: int) -> str:
    """Node of the bit line at a cell; the row below the last is the beginning of the sense resistance."""
    if row < len(array.g) and wires.r_bit:
        return f"b{array.bits[col]}_{row}"
    return f"b{array.bits[col]}" if wires.r_sense else f"out{array.bits[col]}"


def _word_lines(array: _Array, wires: Wires) -> Iterator[str]:
    for row, cells in enumerate(array.g):
        name = f"{array.word}_{row}"
        if wires.r_driver:
            yield f"Rd{name} in_{row} {name} {wires.r_driver!r}"
        for col in range(len(cells) if wires.r_word else 0):
            left, right = (_word_node(array, wires, row, each) for each in (col - 1, col))
            yield f"R{name}_{col} {left} {right} {wires.r_word!r}"


def _cells(array: _Array, wires: Wires) -> Iterator[str]:
    for row, cells in enumerate(array.g):
        for col, g in enumerate(cells):
            # A cell whose resistance overflows counts as an open one.
            if g and math.isfinite(1 / g):
                above, below = _word_node(array, wires, row, col), _bit_node(array, wires, row, col)
                yield f"Rc{array.bits[col]}_{row} {above} {below} {1 / g!r}"


def _bit_lines(array: _Array, wires: Wires) -> Iterator[str]:
    """Segments, sense resistances, and the virtual ground: a source of 0 V that measures the current."""
    for col, name in enumerate(array.bits):
        for row in range(len(array.g) if wires.r_bit else 0):
            upper, lower = (_bit_node(array, wires, each, col) for each in (row, row + 1))
            yield f"Rb{name}_{row} {upper} {lower} {wires.r_bit!r}"
        if wires.r_sense:
            yield f"Rs{name} b{name} out{name} {wires.r_sense!r}"
        yield f"V{name} out{name} 0 DC 0"
