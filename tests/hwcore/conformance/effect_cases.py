"""Effects of a chip and what they are held to; an effect joins by one entry of `CASES`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwcore.spec import Effect

Part = dict[str, Any]

T0, LATER = 20.0, 86400.0
CELL: Part = {
    "levels": 4,
    "g_max": 5e-5,
    "on_off_ratio": 8,
    "spacing": {"type": "exponential", "curvature": 2},
    "negative": {"gain": 0.8},
}


@dataclass(frozen=True)
class Case:
    """One effect.

    Attributes:
        on: its part of a description, strong enough to be seen in every output of a small network.
        off: the same part at strength zero.
        also: parts of further models of it, by what is special about them.
    """

    on: Part
    off: Part
    also: Mapping[str, Part]


def noise(effect: str, **model: Any) -> Part:
    """The part of an effect that has a model in `noise`."""
    return {"noise": {effect: model}}


CASES: Mapping[Effect, Case] = {
    "programming": Case(
        on=noise("programming", type="additive", sigma_ratio=0.05),
        off=noise("programming", type="additive", sigma_ratio=0.0),
        also={"published": noise("programming", type="pcm_joshi_2020", g_max=5e-5)},
    ),
    "stuck_at": Case(
        on=noise("stuck_at", stuck_on=0.05, stuck_off=0.1), off=noise("stuck_at", stuck_on=0.0, stuck_off=0.0), also={}
    ),
    "wires": Case(
        on={"array": {"wire_resistance": {"word": 20.0, "bit": 30.0}, "sense_resistance": 40.0}},
        off={"array": {"wire_resistance": {"word": 0.0, "bit": 0.0}}},
        also={"interleaved": {"array": {"wire_resistance": 30.0, "pair_layout": "interleaved"}}},
    ),
    "adc": Case(
        on={"adc": {"bits": 4, "range": {"type": "full"}}},
        off={"adc": {"bits": None}},
        also={"given": {"adc": {"bits": 4, "range": {"type": "given", "full_scale": 1e-4}}}},
    ),
    "digital": Case(
        on={"digital": {"accumulator_bits": 8, "scale_bits": 4, "offset_bits": 4}},
        off={"digital": None},
        also={
            "dropped bits": {
                "digital": {"accumulator_bits": 10, "scale_bits": 4, "offset_bits": 4, "rounding": "down"},
            }
        },
    ),
    "read": Case(
        on=noise("read", type="proportional", sigma_ratio=0.1),
        off=noise("read", type="proportional", sigma_ratio=0.0),
        also={"published": noise("read", type="pcm_joshi_2020", g_max=5e-5)},
    ),
    "drift": Case(
        on=noise("drift", type="power_law", exponent=0.05, exponent_sigma=0.02, t0=T0),
        off=noise("drift", type="power_law", exponent=0.0, t0=T0),
        also={"published": noise("drift", type="pcm_joshi_2020", g_max=5e-5, compensation="per_tile")},
    ),
}
MODELLED: Mapping[str, tuple[Effect, Part]] = {
    f"{effect}{f', {name}' if name else ''}": (effect, part)
    for effect, case in CASES.items()
    for name, part in {"": case.on, **case.also}.items()
}
"""Every model of every effect by a name for the test."""


def everything_but(*left_out: Effect) -> Part:
    """The parts of all effects but some."""
    merged: Part = {}
    for effect, case in CASES.items():
        if effect not in left_out:
            for name, part in case.on.items():
                merged[name] = {**merged.get(name, {}), **part}
    return merged
