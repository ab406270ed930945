"""The held-out images on the chip's arrays: nothing added where the chip adds nothing, and the network unchanged."""

import torch

from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.held_out import held_out_accuracy
from hwcore.pipeline.parts.networks import rounded, train_float
from hwcore.pipeline.parts.pace import Pace
from hwcore.training import accuracy
from tests.hwcore.pipeline.small_jobs import HARDWARE, job

CPU = torch.device("cpu")


def test_it_is_the_accuracy_of_the_hard_network_on_an_ideal_chip_and_less_with_a_coarse_converter() -> None:
    described = job(model={"hidden": [8]}, training={"epochs": 4, "batch": 64}).resolved()
    coarse = job(hardware={**HARDWARE, "adc": {"bits": 2}}, model={"hidden": [8]}).resolved()
    data, pace = load_data(described.course(), None, CPU), Pace.of(described.work(), None)
    plain, _ = train_float(described.course(), data, CPU, pace)
    network = rounded(described.course(), plain, data, CPU, "least_error")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    expected = accuracy(network, data.chip.validation)
    assert held_out_accuracy(described.described_hardware, network, data) == expected > 0.4
    assert held_out_accuracy(coarse.described_hardware, network, data, adc=False) == expected
    assert held_out_accuracy(coarse.described_hardware, network, data) < expected - 0.05
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
