"""Networks of whole jobs trained with what the chip has: wires, converters, drift and read noise."""

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch

from hwcore.layers import HardwareNetwork
from hwcore.layers.cells import CellLayer
from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.held_out import held_out_accuracy
from hwcore.pipeline.parts.networks import rounded, train_float, train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import CompileJob
from hwcore.training import settle_normalization
from tests.hwcore.pipeline.small_jobs import CNN, HARDWARE, job

pytestmark = pytest.mark.usefixtures("without_checks_of_types")

CPU = torch.device("cpu")
WIRED: dict[str, Any] = {
    **HARDWARE,
    "noise": {},
    "array": {"rows": 32, "cols": 32, "wire_resistance": {"word": 300.0, "bit": 300.0}},
}
EVERYTHING: dict[str, Any] = {
    **HARDWARE,
    "array": {"rows": 30, "cols": 12, "wire_resistance": {"word": 20.0, "bit": 20.0}, "pair_layout": "interleaved"},
    "adc": {"bits": 6, "range": {"type": "calibrated", "percentile": 99.5}},
    "noise": {
        "programming": {"type": "additive", "sigma_ratio": 0.05},
        "drift": {"type": "power_law", "exponent": 0.05, "exponent_sigma": 0.02, "compensation": "per_tile"},
        "read": {"type": "proportional", "sigma_ratio": 0.05},
    },
}


def trained(described: CompileJob) -> tuple[HardwareNetwork, float, float]:
    """The network, its held-out accuracy on the chip's arrays, and that without wires and converters."""
    described = described.resolved()
    data, pace = load_data(described.course(), None, CPU), Pace.of(described.work(), None)
    plain, _ = train_float(described.course(), data, CPU, pace)
    network, _ = train_hardware(described.course(), plain, data, CPU, pace)
    ideal = held_out_accuracy(described.described_hardware, network, data, wires=False, adc=False)
    return network, held_out_accuracy(described.described_hardware, network, data), ideal


def test_training_with_wires_recovers_what_ignoring_them_costs() -> None:
    settings = {"epochs": 10, "learning_rate": 0.005}
    _, ignored, ideal = trained(job(hardware=WIRED, training={**settings, "aware_of": []}))
    network, aware, _ = trained(job(hardware=WIRED, training=settings))
    assert ideal - ignored > 0.05
    assert aware - ignored > 0.8 * (ideal - ignored)
    # The network means what it did: nothing of the wires is left in it.
    for layer in network.layers:
        assert (layer.effects.wires, layer.effects.converters, layer.effects.noise) == (None, None, None)


@pytest.mark.parametrize("batch", [32, 33, 5000])
def test_hard_weights_are_looked_at_once_an_epoch_in_training(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []
    look = CellLayer.value_index
    monkeypatch.setattr(CellLayer, "value_index", lambda layer: looks.append(layer.training) or look(layer))
    training = {"epochs": 3, "batch": batch, "aware_of": ["wires"]}
    described = job(hardware=WIRED, model={"hidden": [], "normalization": "none"}, training=training).resolved()
    data, pace = load_data(described.course(), None, CPU), Pace.of(described.work(), None)
    plain, _ = train_float(described.course(), data, CPU, pace)
    train_hardware(described.course(), plain, data, CPU, pace)
    # The first step has nothing to follow; after that, the held-out images at the end of each epoch look for it.
    assert looks == [True, False, False, False]


@pytest.mark.parametrize("model", [None, CNN], ids=["dense", "convolutions"])
@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_everything_at_once_learns_and_twice_gives_the_same_network(method: str, model: Any) -> None:
    described = job(hardware=EVERYTHING, model=model, training={"method": method, "epochs": 2})
    assert described.resolved().training.aware_of == ("programming", "wires", "adc", "read", "drift")
    first, accuracy, _ = trained(described)
    second, again, _ = trained(described)
    assert accuracy == again > 0.3
    for mine, theirs in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("calibration", ["none", "per_column"])
@pytest.mark.parametrize("aware_of", [[], ["programming"]], ids=str)
def test_statistics_are_those_of_the_design_where_chips_are_calibrated(calibration: str, aware_of: list[str]) -> None:
    def compiled(calibration: str) -> HardwareNetwork:
        noise = {"programming": {"type": "proportional", "sigma_ratio": 0.5}}
        return trained(
            job(
                hardware={**HARDWARE, "noise": noise, "calibration": calibration},
                model={"hidden": [8], "normalization": "batch"},
                training={"epochs": 3, "aware_of": aware_of},
            )
        )[0]

    network = compiled(calibration)
    again = copy.deepcopy(network)
    settle_normalization(again, load_data(job().resolved().course(), None, CPU).chip.training)
    kept, designed = network.norms[0].running_var, again.norms[0].running_var
    if aware_of:
        # Only a training that saw other chips could have the mean over them.
        assert torch.equal(kept, designed) is (calibration == "per_column")
    else:
        # Nothing was drawn: the held-out images decide, calibrated or not.
        assert torch.equal(kept, compiled("none").norms[0].running_var)


@pytest.mark.parametrize("effect", ["programming", "wires", "adc", "read", "drift"])
def test_every_effect_changes_what_is_learnt(effect: str) -> None:
    with_it, _, _ = trained(job(hardware=EVERYTHING, model={"hidden": [8]}, training={"aware_of": [effect]}))
    without, _, _ = trained(job(hardware=EVERYTHING, model={"hidden": [8]}, training={"aware_of": []}))
    assert not torch.equal(with_it.layers[0].theta, without.layers[0].theta)


def test_digital_layers_of_a_course_stay_in_floating_point() -> None:
    course = replace(job(training={"epochs": 1, "aware_of": []}).resolved().course(), digital=frozenset({"fc1"}))
    data, pace = load_data(course, None, CPU), Pace(None, total=1.0)
    plain, _ = train_float(course, data, CPU, pace)
    for network in (
        rounded(course, plain, data, CPU, "full_range"),
        train_hardware(course, plain, data, CPU, pace)[0],
    ):
        first, *others = network.layers
        levels = network.weight_staircase.exact.float()
        # At full range the largest weight of a column is on the highest level.
        assert torch.isin(first.weights()[0], levels).double().mean() < 0.1
        assert all(bool(torch.isin(layer.weights()[0], levels).all()) for layer in others)
    aware = replace(course, training=course.training.model_copy(update={"aware_of": ("programming",)}))
    with pytest.raises(ValueError, match=r"digital: got fc1; allowed: none with training\.aware_of programming"):
        train_hardware(aware, plain, data, CPU, pace)
