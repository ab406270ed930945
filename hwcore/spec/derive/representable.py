"""Every weight that a pair of cells can hold, with the codes that hold it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from hwcore.spec.derive.tables import ComponentTables, component_tables
from hwcore.spec.hardware.hardware import Hardware
from hwcore.units import SIEMENS, with_prefix

PAIR_TOLERANCE = 1e-6
"""Share of the span: values of a full pair closer than this count as one."""
ROUNDING_TOLERANCE = 1e-12
"""Share of the span: closer than this is one value written with two roundings."""


@dataclass(frozen=True)
class Representable:
    """The values a weight can take, and the codes of the two components for each.

    Attributes:
        value: G+ - G-, S, strictly increasing; zero need not be among them.
        code_pos: code of the positive component for each value.
        code_neg: code of the negative component for each value.
        g_reference: largest |value|, S, above 0.
    """

    value: Float64[np.ndarray, "values"]
    code_pos: Int64[np.ndarray, "values"]
    code_neg: Int64[np.ndarray, "values"]
    g_reference: float

    @property
    def normalized(self) -> Float64[np.ndarray, "values"]:
        """The values over g_reference, without unit, within [-1, 1]."""
        return self.value / self.g_reference

    @property
    def zero_representable(self) -> bool:
        """True where one of the values is zero, up to rounding."""
        return bool(np.abs(self.value).min() <= ROUNDING_TOLERANCE * self.g_reference)


def representable(hardware: Hardware, tables: ComponentTables | None = None) -> Representable:
    """All weights of the encoding, strictly increasing, in S.

    sign_select: one side carries code k and the other rests at its lowest conductance, 2 L - 1 values.
    full_pair: all L^2 pairs; values closer than 1e-6 of the span are merged.
    Of several pairs with one value the one with the lowest total conductance is kept: it draws the least current.
    Each value is exactly g_pos[code_pos] - g_neg[code_neg] in float64.

    Args:
        hardware: cells and encoding.
        tables: conductances of the cells, where they are at hand (see `Levels`).
    """
    tables = component_tables(hardware.cell) if tables is None else tables
    if hardware.weights.encoding == "sign_select":
        return _merged(tables, *_sign_select_codes(tables), tolerance=ROUNDING_TOLERANCE)
    return _merged(tables, *_full_pair_codes(tables), tolerance=PAIR_TOLERANCE)


def representable_range(values: Representable) -> dict[str, Any]:
    """Number and ends of the values, JSON-ready."""
    return {
        "count": len(values.value),
        "zero_representable": values.zero_representable,
        "smallest": float(values.value[0]),
        "largest": float(values.value[-1]),
        "unit": SIEMENS,
    }


def representable_text(values: Representable) -> str:
    """The same for people: "7 representable, -33.75 uS to 45 uS, zero not among them"."""
    ends = " to ".join(with_prefix(float(end), SIEMENS) for end in (values.value[0], values.value[-1]))
    zero = "zero among them" if values.zero_representable else "zero not among them"
    return f"{len(values.value):,} representable, {ends}, {zero}"


def _sign_select_codes(tables: ComponentTables) -> tuple[Int64[np.ndarray, "pairs"], Int64[np.ndarray, "pairs"]]:
    levels = len(tables.g_pos)
    rest_pos, rest_neg = int(np.argmin(tables.g_pos)), int(np.argmin(tables.g_neg))
    codes = np.arange(levels, dtype=np.int64)
    resting_pos, resting_neg = np.full_like(codes, rest_pos), np.full_like(codes, rest_neg)
    return np.concatenate([codes, resting_pos]), np.concatenate([resting_neg, codes])


def _full_pair_codes(tables: ComponentTables) -> tuple[Int64[np.ndarray, "pairs"], Int64[np.ndarray, "pairs"]]:
    levels = len(tables.g_pos)
    codes = np.arange(levels, dtype=np.int64)
    return np.repeat(codes, levels), np.tile(codes, levels)


def _merged(
    tables: ComponentTables,
    code_pos: Int64[np.ndarray, "pairs"],
    code_neg: Int64[np.ndarray, "pairs"],
    *,
    tolerance: float,
) -> Representable:
    """Sort the pairs by value and keep one of each group of values within `tolerance` of the span.

    Neighbours in the result are at least the tolerance apart, and every pair lies within it of a value that is kept.
    """
    value = tables.g_pos[code_pos] - tables.g_neg[code_neg]
    total = tables.g_pos[code_pos] + tables.g_neg[code_neg]
    order = np.lexsort((code_neg, code_pos, total, value))
    value, total, code_pos, code_neg = value[order], total[order], code_pos[order], code_neg[order]
    width = tolerance * float(value[-1] - value[0])
    # Totals that differ by rounding alone are equal, or the choice would depend on the machine's exponential.
    lower = ROUNDING_TOLERANCE * float(total.max())
    values, totals = value.tolist(), total.tolist()
    kept, anchor = [0], values[0]
    for i in range(1, len(values)):
        if values[i] - anchor < width or values[i] == anchor:
            if totals[i] < totals[kept[-1]] - lower:
                kept[-1] = i
        elif values[i] - values[kept[-1]] >= width:
            kept.append(i)
            anchor = values[i]
    result = value[kept]
    return Representable(result, code_pos[kept], code_neg[kept], float(np.abs(result).max()))
