"""The cells of one chip: what was written to them, which of them are stuck, and what they hold as time goes by."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices import at_time, drift_exponents, program, stuck_at, stuck_cells
from hwcore.mapping import MappedNetwork
from hwcore.spec import Condition, Drift, Noise
from hwcore.streams import CHIPS, stream

STUCK, DRIFTING, READING = 1, 2, 3
"""What a stream of a chip is for. Each effect has its own, so a chip has the same faults alone and with all others."""


@dataclass(frozen=True, eq=False)
class Cells:
    """One component of one layer.

    Attributes:
        g: what the cells hold after the write, the stuck ones included, S; with drift that is at its t0.
        target: what they were to hold, S; of a stuck cell, where it is stuck. Published devices are told by it.
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


Pair = tuple[Cells, Cells]
"""The positive and the negative components of a layer."""


def draw_cells(
    network: MappedNetwork, noise: Noise, condition: Condition, *, seed: int, number: int
) -> tuple[Pair, ...]:
    """Write every cell of one chip once: level, then programming noise, then what is stuck, then how fast each drifts.

    Args:
        network: what is to be written.
        noise: models; those of effects that the condition does not have are not used.
        condition: its effects count, its time does not.
        seed: of the job.
        number: of the chip, from 0; each has independent streams of random numbers, one for each effect.

    Returns:
        The pairs of every layer.

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

    # One layer after the other, and in each the positive components first: that is the order of the streams.
    return tuple(
        (
            drawn(layer.g_pos, network.g_min_pos, network.g_max_pos),
            drawn(layer.g_neg, network.g_min_neg, network.g_max_neg),
        )
        for layer in network.layers
    )
