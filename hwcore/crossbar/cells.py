"""Cells of one chip: what was written to them, which of them are stuck, and what they hold as time goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices import at_time, drift_exponents, program, stuck_at, stuck_cells
from hwcore.mapping import Array, Components, MappedNetwork
from hwcore.spec import Condition, Drift, Noise
from hwcore.streams import CHIPS, stream

STUCK, DRIFTING, READING = 1, 2, 3
"""Purposes of the streams of a chip. Each effect has its own: a chip has the same faults alone and with all others."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of one component of one array.

    Attributes:
        g: held after the write, the stuck ones included, S; with drift that is at its t0.
        target: what was to be held, S; of a stuck cell, where it is stuck. Published devices go by it.
        exponent: nu of every device; None: nothing drifts.
    """

    g: Float64[Tensor, "rows cols"]
    target: Float64[Tensor, "rows cols"]
    exponent: Float64[Tensor, "rows cols"] | None

    def at(self, seconds: float, drift: Drift | None) -> Float64[Tensor, "rows cols"]:
        """g (t / t0)^-nu: what the cells hold so long after the write, S.

        Args:
            seconds: t, s; it matters where something drifts.
            drift: the model that the exponents are of.

        Raises:
            ValueError: a time before t0.
        """
        if self.exponent is None or drift is None:
            return self.g
        return at_time(self.g, self.exponent, drift, t=seconds)


@dataclass(frozen=True, eq=False)
class CellPairs:
    """Cells of one array: of its positive and of its negative components."""

    pos: Cells
    neg: Cells

    def at(self, seconds: float, drift: Drift | None) -> Components:
        """Conductances so long after the write, S; arguments as for `Cells.at`."""
        return Components(self.pos.at(seconds, drift), self.neg.at(seconds, drift))


ChipCells = Mapping[str, tuple[CellPairs, ...]]
"""Cells of one chip: by name of the layer, of every array."""


def draw_cells(network: MappedNetwork, noise: Noise, condition: Condition, *, seed: int, number: int) -> ChipCells:
    """Write every cell of one chip once: level, then programming noise, then what is stuck, then how fast each drifts.

    Args:
        network: what is to be written.
        noise: models; those of effects that the condition does not have are not used.
        condition: its effects count, its time does not.
        seed: of the job.
        number: of the chip, from 0; each has independent streams of random numbers, one for each effect.

    Raises:
        ValueError: conductances that a fitted model was not fitted on.
    """
    effects = condition.effects
    programming = noise.programming if "programming" in effects else None
    stuck = noise.stuck_at if "stuck_at" in effects else None
    drift = noise.drift if "drift" in effects else None
    writes = stream(seed, CHIPS, number)
    faults, speeds = (stream(seed, CHIPS, number, purpose) for purpose in (STUCK, DRIFTING))

    def drawn(g: Float64[Tensor, "rows cols"], g_min: float, g_max: float) -> Cells:
        held, target = g, g
        if programming is not None:
            held = program(g, programming, g_max=g_max, generator=writes)
        if stuck is not None:
            mask = stuck_cells(g.shape, stuck, generator=faults)
            held, target = (stuck_at(each, mask, g_min=g_min, g_max=g_max) for each in (held, target))
        exponent = None if drift is None else drift_exponents(target, drift, generator=speeds)
        return Cells(held, target, exponent)

    def pairs(array: Array) -> CellPairs:
        pos = drawn(array.pairs.g_pos, network.g_min_pos, network.g_max_pos)
        return CellPairs(pos, drawn(array.pairs.g_neg, network.g_min_neg, network.g_max_neg))

    # Layer after layer, array after array, and in each the positive components first: the order of the streams.
    return {layer.name: tuple(map(pairs, layer.arrays)) for layer in network.layers}
