"""Networks whose drives have both signs and come in every coding."""

import itertools
from typing import Any

import torch

from hwcore.crossbar import Foundry, array_logits
from hwcore.layers import HardwareNetwork, map_network
from hwcore.spec import Condition, Hardware, network_graph, parse_hardware
from hwcore.spec.jobs.model import Cnn
from tests.hwcore.layers.drawn_networks import drawn_codes, drawn_graph
from tests.hwcore.pipeline.small_jobs import CELL

LINES = {"wire_resistance": {"word": 20.0, "bit": 30.0}, "driver_resistance": 50.0, "sense_resistance": 40.0}
MODEL = Cnn.model_validate(
    {"convolutions": [{"channels": 3, "kernel": 3, "stride": 2}, {"channels": 4, "kernel": 2}], "hidden": [6]}
)
CODINGS: list[dict[str, str]] = [
    {"coding": coding, "signed": signed, **subtract}
    for coding, (signed, subtract) in itertools.product(
        ("amplitude", "pulse_width", "bit_serial"),
        (
            ("sign_magnitude", {}),
            ("two_phase", {"subtract": "analog"}),
            ("two_phase", {"subtract": "digital"}),
            ("pair", {}),
        ),
    )
]
CODES, LSB = drawn_codes(30, 64, seed=1), 1 / 15


def described(coding: dict[str, str] | None, **parts: Any) -> Hardware:
    array = {"rows": 9, "cols": 5, **parts.pop("array", {})}
    periphery: dict[str, Any] = {"activation": {"function": "tanh", "bits": 3}, "input": {"bits": 4}}
    weights = {"bias": parts.pop("bias", "array_row")}
    document = {"cell": CELL, "weights": weights, **periphery, **parts, "array": array}
    return parse_hardware(document if coding is None else {**document, "drive": coding}).resolved()


def network(of: Hardware) -> HardwareNetwork:
    return drawn_graph(of, network_graph(MODEL, "digits")).double().eval()


def foundry(coding: dict[str, str] | None, **parts: Any) -> Foundry:
    of = described(coding, **parts)
    mapped = map_network(network(of))
    return Foundry(mapped, of, seed=5, codes=CODES, lsb=LSB, trained_through_wires=False)


def logits(of: Foundry, *effects: Any) -> torch.Tensor:
    return array_logits(of.network, of.chip(0, Condition.of(effects)), CODES, LSB)


def apart(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())
