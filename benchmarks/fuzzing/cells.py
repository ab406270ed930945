"""Random cells: every spacing, ratios up to 1e300, gains down to 1e-6, and tables of their own for both components."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.fuzzing.draws import Node, chance, magnitude

LEVELS = (2, 2, 3, 4, 4, 5, 7, 8, 16, 32, 100, 256)
BINARY_LEVELS = (2, 4, 4, 8, 16, 64, 256)


def random_cell(random: Random) -> Node:
    """A cell of any kind."""
    kind = random.choice(("linear", "linear", "exponential", "exponential", "binary_weighted", "table"))
    binary_below = chance(random, 0.15)
    levels = random.choice(BINARY_LEVELS if kind == "binary_weighted" or binary_below else LEVELS)
    cell: Node = {"levels": levels, "g_max": magnitude(random, 1e-15, 1.0) if chance(random, 0.2) else usual(random)}
    if kind != "linear" or chance(random, 0.5):
        cell["spacing"] = _spacing(random, kind, levels, cell["g_max"])
    measured = "conductances" in cell.get("spacing", {}) or "bit_conductances" in cell.get("spacing", {})
    if measured:
        cell.pop("g_max")
    if kind != "table" and chance(random, 0.7):
        cell["on_off_ratio"] = _ratio(random, levels)
    if chance(random, 0.6):
        cell["negative"] = _negative(random, kind, levels, binary_below)
    return cell


def usual(random: Random) -> float:
    """A conductance as memories have them, S."""
    return magnitude(random, 1e-9, 1e-3, ends=0.0)


def _ratio(random: Random, levels: int) -> float | None:
    """Draw an on/off ratio that lets the levels be told apart, or none."""
    if chance(random, 0.1):
        return None
    least = 1.0 + 1e-6 * levels
    return random.choice((least, 1e12, 1e300)) if chance(random, 0.2) else magnitude(random, 1.1, 1e6)


def _spacing(random: Random, kind: str, levels: int, g_max: float) -> Node:
    match kind:
        case "exponential":
            return {"type": kind, "curvature": random.choice((-10.0, 10.0, 0.0, 1e-13, random.uniform(-5, 5)))}
        case "binary_weighted":
            bits = levels.bit_length() - 1
            # Measured bits, off their powers of two.
            measured = [min(1.0, max(1e-15, g_max * 2.0**b / levels * random.uniform(0.7, 1.3))) for b in range(bits)]
            return {"type": kind, "bit_conductances": measured} if chance(random, 0.4) else {"type": kind}
        case "table":
            return {"type": kind, "conductances": _table(random, levels, g_max)}
        case _:
            return {"type": kind}


def _table(random: Random, levels: int, g_max: float) -> list[float]:
    """Increasing, its neighbours at least 1e-7 of the largest apart; often with a cell that does not conduct."""
    places = sorted(random.sample(range(1, 4096), levels - 1))
    lowest = random.choice((0.0, 0.0, 5e-324, g_max * 1e-12, g_max * random.uniform(0, 0.01)))
    rest = [g_max * (0.02 + 0.98 * place / places[-1]) for place in places]
    return [lowest, *(min(1.0, g) for g in rest)]


def _negative(random: Random, kind: str, levels: int, binary: bool) -> Node:
    negative: Node = {}
    if chance(random, 0.6):
        negative["gain"] = magnitude(random, 1e-6, 100.0, ends=0.1) if chance(random, 0.4) else random.uniform(0.5, 1.5)
    own = chance(random, 0.4)
    if own:
        others: tuple[Any, ...] = ("linear", "exponential", "table", *(("binary_weighted",) if binary else ()))
        # A formula takes g_max from the positive component, whatever that is; a table has a scale of its own.
        kind = random.choice(others)
        negative["spacing"] = _spacing(random, kind, levels, usual(random))
    if kind != "table" and chance(random, 0.4):
        negative["on_off_ratio"] = random.choice(("same", _ratio(random, levels)))
    return negative
