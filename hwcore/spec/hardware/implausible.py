"""Values that are allowed and probably in the wrong unit: one table of what cells, lines and times usually are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hwcore.spec.reading.document import child
from hwcore.units import OHM, SECOND, SIEMENS, VOLT, with_prefix


@dataclass(frozen=True)
class Usual:
    """Usual range of a field of a resolved job.

    Attributes:
        path: of the field, with dots; a star stands for every key of an object. Of a list the last item counts: it is
            the largest.
        low, high: ends of the usual range, both in it; 0 is nothing, and always usual.
        unit: that the number is read in; "": it has none.
        sentence: what the range comes from.
    """

    path: str
    low: float
    high: float
    unit: str
    sentence: str


_CELLS: Final = "memory cells conduct between a tenth of a nanosiemens and ten millisiemens"
_SEGMENTS: Final = "a line has milliohms to hundreds of ohms from one cell to the next"
_ENDS: Final = "drivers and sense amplifiers have between a hundredth of an ohm and a hundred kilohms"
_READS: Final = "cells are read with ten millivolts to five volts"

USUAL: Final = (
    Usual("hardware.cell.g_max", 1e-10, 1e-2, SIEMENS, _CELLS),
    Usual("hardware.cell.negative.spacing.conductances", 1e-10, 1e-2, SIEMENS, _CELLS),
    Usual("hardware.cell.negative.spacing.bit_conductances", 1e-10, 1e-2, SIEMENS, _CELLS),
    Usual("hardware.noise.*.g_max", 1e-10, 1e-2, SIEMENS, _CELLS),
    Usual("hardware.cell.negative.gain", 1e-2, 1e2, "", "both components of a pair are cells of one technology"),
    Usual("hardware.cell.on_off_ratio", 1.0, 1e10, "", "no memory cell switches over more than ten decades"),
    Usual("hardware.cell.negative.on_off_ratio", 1.0, 1e10, "", "no memory cell switches over more than ten decades"),
    Usual("hardware.array.wire_resistance.word", 1e-3, 1e3, OHM, _SEGMENTS),
    Usual("hardware.array.wire_resistance.bit", 1e-3, 1e3, OHM, _SEGMENTS),
    Usual("hardware.array.driver_resistance", 1e-2, 1e5, OHM, _ENDS),
    Usual("hardware.array.sense_resistance", 1e-2, 1e5, OHM, _ENDS),
    Usual("hardware.array.read_voltage", 1e-2, 5.0, VOLT, _READS),
    Usual("hardware.noise.*.read_voltage", 1e-2, 5.0, VOLT, _READS),
    Usual("hardware.adc.range.full_scale", 1e-10, 10.0, SIEMENS, "it is a sum of conductances of a column"),
    Usual(
        "hardware.noise.*.t0", 1e-6, 1e6, SECOND, "cells are first looked at a microsecond to some days after a write"
    ),
    Usual(
        "evaluation.times", 1e-6, 1e9, SECOND, "chips are looked at from a microsecond to thirty years after a write"
    ),
)
"""Wide: what is outside is off by decades. Every preset, example and published device lies within."""


def implausible(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """JSON pointer and message of every value outside of its row.

    Args:
        document: `{"hardware": ..., "evaluation": ...}`, resolved and JSON-ready; either may be missing.
    """
    for row in USUAL:
        for pointer, value in _found(document, row.path.split("."), ""):
            if value != 0 and not row.low <= value <= row.high:
                yield pointer, _message(row, value)


def _found(node: Any, steps: Sequence[str], pointer: str) -> Iterator[tuple[str, float]]:
    if isinstance(node, list) and node:
        yield from _found(node[-1], steps, child(pointer, len(node) - 1))
    elif isinstance(node, Mapping) and steps:
        for key in node if steps[0] == "*" else steps[:1]:
            yield from _found(node.get(key), steps[1:], child(pointer, key))
    elif isinstance(node, int | float) and not isinstance(node, bool) and not steps and math.isfinite(node):
        yield pointer, node


def _message(row: Usual, value: float) -> str:
    got, low, high = (_quantity(each, row.unit) for each in (value, row.low, row.high))
    question = f"; it is read in {row.unit}" if row.unit else ""
    return f"{got} is unusual, {low} to {high} is usual: {row.sentence}{question}"


def _quantity(value: float, unit: str) -> str:
    if not unit:
        return f"{value:g}"
    # Beyond the prefixes the plain number says more.
    return with_prefix(value, unit) if 1e-15 <= abs(value) < 1e9 else f"{value:g} {unit}"
