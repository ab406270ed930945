"""The conductance of every level of one component, from its spacing, its bounds and its gain."""

import sys
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hwcore.spec.hardware.spacing import BinaryWeighted, Exponential, Linear, Table

SMALLEST_CONDUCTANCE: float = sys.float_info.min
"""S: what conducts less counts as no conductor."""


@dataclass(frozen=True)
class Component:
    """One component of a cell with everything written out.

    Attributes:
        levels: number of codes L.
        g_max: largest conductance before the gain, S.
        on_off_ratio: g_max / g_min, above 1; None: off cells do not conduct. Not used by a table.
        spacing: how the levels lie between g_min and g_max.
        gain: factor on the whole table, without unit.
    """

    levels: int
    g_max: float
    on_off_ratio: float | None
    spacing: Linear | Exponential | BinaryWeighted | Table
    gain: float = 1.0


def component_table(component: Component) -> Float64[np.ndarray, "levels"]:
    """Conductance of every code of one component, in S.

    A conductance below the smallest normal number of float64 (2.2e-308 S, as of an on/off ratio of 1e304) counts as
    none: its resistance is beyond all numbers or nearly so, and it has not the digits of the others.

    Linear, exponential and measured tables increase with the code. A binary-weighted one need not: its bits may be
    off their powers of two. Source of the formulas: B. Obradovic et al. 2018, arXiv:1809.04982 (properties of the
    weight); B. Obradovic et al. 2017, arXiv:1710.08034 (binary-weighted cell).
    """
    match component.spacing:
        case Table(conductances=conductances):
            table = np.array(conductances, dtype=np.float64)
        case BinaryWeighted(bit_conductances=bits):
            table = binary_weighted_table(component.levels, component.g_max, component.on_off_ratio, bits)
        case Exponential(curvature=curvature):
            table = exponential_table(component.levels, component.g_max, component.on_off_ratio, curvature)
        case Linear():
            table = exponential_table(component.levels, component.g_max, component.on_off_ratio, 0.0)
    table = component.gain * table
    return np.where(table < SMALLEST_CONDUCTANCE, 0.0, table)


def exponential_table(
    levels: int, g_max: float, on_off_ratio: float | None, curvature: float
) -> Float64[np.ndarray, "levels"]:
    """g_k = g_min + (g_max - g_min) (e^(nu k/(L-1)) - 1) / (e^nu - 1); nu = 0 is the linear limit k/(L-1).

    Args:
        levels: L, from 2.
        g_max: S, above 0.
        on_off_ratio: g_max / g_min, above 1, or None for g_min = 0.
        curvature: nu, without unit.

    Returns:
        Conductances in S; the ends are exactly g_min and g_max.
    """
    position = np.arange(levels, dtype=np.float64) / (levels - 1)
    # expm1 keeps every digit for small curvatures; below 1e-12 the exponential and its limit agree to an ulp.
    rise = position if abs(curvature) < 1e-12 else np.expm1(curvature * position) / np.expm1(curvature)
    g_min = 0.0 if on_off_ratio is None else g_max / on_off_ratio
    table: Float64[np.ndarray, levels] = g_min + (g_max - g_min) * rise
    table[0], table[-1] = g_min, g_max
    return table


def binary_weighted_table(
    levels: int, g_max: float, on_off_ratio: float | None, bit_conductances: tuple[float, ...] | None
) -> Float64[np.ndarray, "levels"]:
    """g_k = sum over bits b of (bit b of k set ? g_b : g_b / on_off_ratio).

    Args:
        levels: L, a power of two.
        g_max: all bits on, S; shared out as 1 : 2 : 4 : ... when the bits are not given.
        on_off_ratio: of each bit, above 1, or None: a bit that is off does not conduct.
        bit_conductances: g_b, S, least significant first, log2(L) of them; or None.
    """
    codes = np.arange(levels)
    bits = levels.bit_length() - 1
    if bit_conductances is None:
        bit_conductances = tuple(g_max * 2**b / (levels - 1) for b in range(bits))
    table = np.zeros(levels, dtype=np.float64)
    for b, g_on in enumerate(bit_conductances):
        g_off = 0.0 if on_off_ratio is None else g_on / on_off_ratio
        table += np.where((codes >> b) & 1, g_on, g_off)
    return table
