"""The effects of a chip as built, by name: which of them a description has, and which of them depend on time."""

from typing import Any, Final, Literal, get_args

from hwcore.spec.hardware.array import Array
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.hardware.noise import Noise
from hwcore.spec.hardware.read_noise import PcmJoshi2020Read

Effect = Literal["programming", "stuck_at", "wires", "adc", "read", "drift"]
EFFECTS: Final[tuple[Effect, ...]] = get_args(Effect)
"""In the order of the report."""
TrainingEffect = Literal["programming", "wires", "adc", "read", "drift"]
TRAINING_EFFECTS: Final[tuple[TrainingEffect, ...]] = get_args(TrainingEffect)
"""What training can include. Stuck cells are not among them: they are other ones on every chip."""

TIMES_AFTER: Final = (3600.0, 86400.0, 31536000.0)
"""An hour, a day and a year, s: looked at where the job names no times, beside the first one there is."""
FIRST_OF_PCM: Final = 20.0
"""s. The earliest time at which the phase-change memory of Joshi et al. 2020 was looked at."""


def absent(hardware: Hardware, effect: str) -> str | None:
    """Why a chip does not have an effect, in one clause with the path of what would say it; None: it has it."""
    if effect == "wires":
        return None if _has_resistance(hardware.array) else "hardware.array has no resistance"
    if effect == "adc":
        return None if hardware.adc is not None and hardware.adc.bits is not None else "hardware.adc.bits is null"
    return None if getattr(hardware.noise, effect) is not None else f"hardware.noise.{effect} is null"


def present_effects(hardware: Hardware) -> tuple[Effect, ...]:
    """The effects that a chip has, in the order of the report."""
    return tuple(effect for effect in EFFECTS if absent(hardware, effect) is None)


def first_time(noise: Noise) -> float | None:
    """Earliest time after the write at which the models hold, s; None: nothing about the chip depends on time."""
    begin = beginnings(noise)
    return max(begin.values()) if begin else None


def beginnings(noise: Noise) -> dict[str, float]:
    """Earliest time of every model that depends on time, s, by its path in the description."""
    models: dict[str, Any] = {"hardware.noise.drift": noise.drift, "hardware.noise.read": noise.read}
    times = {
        path: FIRST_OF_PCM if isinstance(model, PcmJoshi2020Read) else getattr(model, "t0", None)
        for path, model in models.items()
    }
    return {path: time for path, time in times.items() if time is not None}


def ageing_effects(noise: Noise) -> frozenset[str]:
    """Those that depend on time: drift, and read noise that grows."""
    return frozenset(path.rpartition(".")[2] for path in beginnings(noise))


def times_of(noise: Noise, times: tuple[float, ...] | None) -> tuple[float, ...]:
    """The times after the write to look at, s: those of the job, else the first one, an hour, a day and a year.

    Where nothing depends on time there is one: 0, right after the write.
    """
    first = first_time(noise)
    if first is None:
        return (0.0,)
    return (first, *(time for time in TIMES_AFTER if time > first)) if times is None else times


def _has_resistance(array: Array) -> bool:
    segment = array.wire_resistance
    parts = (segment and segment.word, segment and segment.bit, array.driver_resistance, array.sense_resistance)
    return any(parts)
