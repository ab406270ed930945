"""A chip with every effect there is, small enough for a test to draw many of them."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import torch

from hwcore.crossbar import Chip, Foundry, array_logits
from hwcore.layers import map_network
from hwcore.mapping import MappedNetwork
from hwcore.spec import EFFECTS, Condition, Effect, Hardware, input_drive
from tests.hwcore.layers.drawn_networks import described, drawn_codes, drawn_network

CELL = "exponential, ratio 8, negative at 0.8"
T0, YEAR = 1.0, 31536000.0
NOISE: dict[str, Any] = {
    "programming": {"type": "additive", "sigma_ratio": 0.03},
    "stuck_at": {"stuck_on": 0.03, "stuck_off": 0.05},
    "drift": {"type": "power_law", "exponent": 0.05, "exponent_sigma": 0.02, "t0": T0, "compensation": "per_tile"},
    "read": {"type": "proportional", "sigma_ratio": 0.03},
}
WIRES: dict[str, Any] = {
    "wire_resistance": {"word": 20.0, "bit": 30.0},
    "driver_resistance": 50.0,
    "sense_resistance": 40.0,
}
PARTS: dict[str, Any] = {"noise": NOISE, "adc": {"bits": 5, "range": {"type": "full"}}, "lines": WIRES}
CODES = drawn_codes(120, 21, seed=1)
LSB = 1 / 15


def hardware(activation: str = "relu of 2 bits", **parts: Any) -> Hardware:
    """8 x 5 arrays with all effects; `parts` stand in the place of those of PARTS."""
    given = {**PARTS, **parts}
    of = described(CELL, activation, {}, noise=given["noise"], **({"adc": given["adc"]} if given["adc"] else {}))
    array = of.array.model_validate({"rows": 8, "cols": 5, **given["lines"]})
    front = of.input.model_validate({"bits": 4, **given.get("input", {})})
    calibration = given.get("calibration", "none")
    return of.model_copy(update={"array": array, "input": front, "calibration": calibration})


@cache
def mapped(activation: str = "relu of 2 bits") -> MappedNetwork:
    """21 inputs, 9 and 6 outputs: 3 x 2 and 2 x 2 tiles."""
    return map_network(drawn_network(hardware(activation), (21, 9, 6), "none"))


def foundry(activation: str = "relu of 2 bits", *, seed: int = 5, through_wires: bool = False, **parts: Any) -> Foundry:
    """Of that network, with the inputs of the parts."""
    of = hardware(activation, **parts)
    first, *others = mapped(activation).layers
    network = replace(mapped(activation), layers=(replace(first, drive=input_drive(of)), *others))
    return Foundry(
        network,
        of,
        seed=seed,
        codes=CODES,
        lsb=LSB,
        trained_through_wires=through_wires,
    )


def under(effects: Iterable[Effect] = EFFECTS, seconds: float = YEAR, *, compensated: bool = True) -> Condition:
    """All effects after a year, unless said otherwise."""
    return Condition.of(effects, seconds, compensated=compensated)


def logits(chip: Chip, codes: torch.Tensor = CODES, activation: str = "relu of 2 bits") -> torch.Tensor:
    """Of some images."""
    return array_logits(mapped(activation), chip, codes, LSB)


def share(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference as a share of the largest entry."""
    assert found.shape == expected.shape
    return float((found.double() - expected).abs().max() / expected.abs().max())
