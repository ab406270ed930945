"""No training warns of anything, whatever is trained through what: pytest turns a warning into an error."""

from typing import Any

import pytest
import torch

from hwcore.layers import HardwareNetwork, converted_currents, noisy_weights, wired_weights
from hwcore.quant import Method
from hwcore.spec import Hardware, dense_graph
from hwcore.streams import stream
from tests.hwcore.spec.chips import chip

CELL: dict[str, Any] = {"levels": 4, "g_max": 1e-5, "on_off_ratio": 10}
NOISE = {
    "programming": {"type": "proportional", "sigma_ratio": 0.05},
    "read": {"type": "proportional", "sigma_ratio": 0.02},
}
WIRES = {"word": 2.0, "bit": 2.0}
CONVERTERS: list[dict[str, Any] | None] = [
    None,
    {"bits": 5, "range": {"type": "full"}},
    {"bits": 5, "range": {"type": "calibrated"}},
    {"bits": 5, "range": {"type": "calibrated", "percentile": 99}},
    {"bits": 5, "range": {"type": "given", "full_scale": 1e-4}},
]


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("adc", CONVERTERS)
def test_a_step_warns_of_nothing(method: Method, bias: str, adc: dict[str, Any] | None) -> None:
    for function, normalization in (("relu", "none"), ("tanh", "batch" if bias == "digital" else "none")):
        parts = {"activation": {"function": function, "bits": 2}, "weights": {"bias": bias}, "adc": adc}
        hardware = chip(CELL, array={"rows": 4, "cols": 4}, **parts)
        step(HardwareNetwork(dense_graph([6, 5, 3], normalization), hardware, method=method), hardware)


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_nor_does_one_through_everything(method: Method) -> None:
    array = {"rows": 4, "cols": 4, "wire_resistance": WIRES}
    hardware = chip(CELL, activation={"bits": 2}, array=array, noise=NOISE, adc=CONVERTERS[2])
    step(HardwareNetwork(dense_graph([6, 5, 3]), hardware, method=method), hardware)


def step(network: HardwareNetwork, hardware: Hardware) -> None:
    images = torch.rand(4, 6)
    with (
        noisy_weights(network, hardware, stream(0), effects=("programming", "read")),
        wired_weights(network, hardware),
        converted_currents(network, hardware),
    ):
        network(images).sum().backward()
        network.eval()(images)
    str(network)
