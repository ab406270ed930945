"""The effects of a chip as built: a row each, and what follows from the rows.

A further effect is a name in `Effect`, a row in `EFFECTS`, and its physics: a row of `CELL_EFFECTS` or of
`PRODUCT_EFFECTS` in `hwcore.crossbar` (wires stand apart in `one_chip`), and of `TRAINING_FORMS` in `hwcore.layers`
where training can include it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, get_args

from hwcore.spec.hardware.ageing import Ageing
from hwcore.spec.hardware.array import Array
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.reading.base import OneOf

Effect = Literal[
    "programming",
    "stuck_at",
    "wires",
    "adc",
    "digital",
    "read",
    "drift",
]


@dataclass(frozen=True)
class EffectRow:
    """Properties of one effect that descriptions, evaluations and reports go by.

    Attributes:
        name: in documents and reports.
        title: in words, for people.
        path: of its part of the description.
        missing: reason why a chip does not have it, in one clause with the path of the field that would describe it.
        model: its part of a description; None: the chip does not have the effect.
        acts_on: the cells, whose conductances it changes; the products of an array, whose results it changes; or what
            the digital side makes of them.
        stream: number of its stream of random numbers among those of a chip, another one for each effect, so that a
            chip has the same faults alone and with all other effects; 0 is the first stream. None: nothing is drawn.
        trainable: training can include it.
        always: its rung is on the ladder even where the chip does not have it; then nothing happens there.
        over_time: it has a rung for every time after the write (drift alone today: cells know no other ageing); any
            other has one, at the first time.
        kept: where training included it, every rung has it: a network trained for it is not used without.
    """

    name: Effect
    title: str
    path: str
    missing: str
    model: Callable[[Hardware], Any | None]
    acts_on: Literal["cells", "products", "digital"]
    stream: int | None
    trainable: bool
    always: bool = False
    over_time: bool = False
    kept: bool = False

    @property
    def drawn(self) -> bool:
        """True where the effect differs from chip to chip, or from product to product."""
        return self.stream is not None

    def begins(self, hardware: Hardware) -> float | None:
        """Earliest time after the write at which its model holds, s; None: it does not depend on time."""
        model = self.model(hardware)
        return model.begins if isinstance(model, Ageing) else None


def _noise(
    name: Effect, title: str, acts_on: Literal["cells", "products"], stream: int, **properties: bool
) -> EffectRow:
    """The row of an effect that is drawn, and has a field of its own in `hardware.noise`."""
    path = f"hardware.noise.{name}"

    def model(hardware: Hardware) -> Any | None:
        return getattr(hardware.noise, name)

    return EffectRow(name, title, path, f"{path} is null", model, acts_on, stream, **properties)


def _lines(hardware: Hardware) -> Array | None:
    array = hardware.array
    segment = array.wire_resistance
    parts = (segment and segment.word, segment and segment.bit, array.driver_resistance, array.sense_resistance)
    return array if any(parts) else None


def _converters(hardware: Hardware) -> Any | None:
    return None if hardware.adc is None or hardware.adc.bits is None else hardware.adc


_ROWS: Final = (
    _noise("programming", "programming noise", "cells", 0, trainable=True, always=True),
    # Other cells are stuck on every chip: a training that saw them would learn nothing about the next one.
    _noise("stuck_at", "stuck cells", "cells", 1, trainable=False),
    EffectRow(
        "wires",
        "wires",
        "hardware.array",
        "hardware.array has no resistance",
        _lines,
        "products",
        stream=None,
        trainable=True,
        kept=True,
    ),
    EffectRow(
        "adc", "ADC", "hardware.adc", "hardware.adc.bits is null", _converters, "products", stream=None, trainable=True
    ),
    EffectRow(
        "digital",
        "digital widths",
        "hardware.digital",
        "hardware.digital is null",
        lambda hardware: hardware.digital,
        "digital",
        stream=None,
        trainable=False,
    ),
    _noise("read", "read noise", "products", 3, trainable=True),
    _noise("drift", "drift", "cells", 2, trainable=True, over_time=True),
)
_BY_NAME: Final = {row.name: row for row in _ROWS}
EFFECTS: Final[Mapping[Effect, EffectRow]] = MappingProxyType({name: _BY_NAME[name] for name in get_args(Effect)})
"""Every effect by its name, in the order of `Effect`, which is that of the report."""
TRAINING_EFFECTS: Final = tuple(name for name, row in EFFECTS.items() if row.trainable)
"""Names of those that training can include."""
TrainingEffect = Annotated[Effect, OneOf(TRAINING_EFFECTS)]

TIMES_AFTER: Final = (3600.0, 86400.0, 31536000.0)
"""An hour, a day and a year, s: the times of a job that names none, after the first one that its models know."""


def absent(hardware: Hardware, effect: Effect) -> str | None:
    """Reason why a chip does not have an effect, in one clause with the path of the field; None: the chip has it."""
    row = EFFECTS[effect]
    return row.missing if row.model(hardware) is None else None


def present_effects(hardware: Hardware) -> tuple[Effect, ...]:
    """The effects that a chip has, in the order of the report."""
    return tuple(effect for effect in EFFECTS if absent(hardware, effect) is None)


def first_time(hardware: Hardware) -> float | None:
    """Earliest time after the write at which the models hold, s; None: nothing about the chip depends on time."""
    begin = beginnings(hardware)
    return max(begin.values()) if begin else None


def beginnings(hardware: Hardware) -> dict[Effect, float]:
    """Earliest time of every effect that depends on time, s; the last of the report first."""
    times = {effect: EFFECTS[effect].begins(hardware) for effect in reversed(tuple(EFFECTS))}
    return {effect: time for effect, time in times.items() if time is not None}


def ages(hardware: Hardware, effects: Collection[Effect] | None) -> bool:
    """Tell whether any of these effects of a chip depends on time; None: any of all."""
    ageing = beginnings(hardware).keys()
    return bool(ageing if effects is None else ageing & set(effects))


def times_of(hardware: Hardware, times: tuple[float, ...] | None) -> tuple[float, ...]:
    """The times after the write to look at, s: those of the job, else the first one, an hour, a day and a year.

    Where nothing depends on time there is one: 0, right after the write.
    """
    first = first_time(hardware)
    if first is None:
        return (0.0,)
    return (first, *(time for time in TIMES_AFTER if time > first)) if times is None else times
