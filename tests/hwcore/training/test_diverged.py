"""Trainings that left the road: which are ended, with which words, and which never are."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from hwcore.errors import TrainingFailed
from hwcore.layers import HardwareNetwork
from hwcore.spec import Distillation, Training, dense_graph
from hwcore.streams import stream
from hwcore.training import advice
from hwcore.training.diverged import Watch, guessing_loss, rate_of
from hwcore.training.objective import objective
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.test_fit import in_floats, on_chip, trained

GUESSING = math.log(10)


def watch(rate: float = 10.0, field: str = "learning_rate") -> Watch:
    return Watch(field, rate, GUESSING)


@pytest.mark.parametrize("distillation", [None, Distillation(), Distillation(weight=0.7, temperature=4.0)])
def test_guessing_is_the_objective_of_equal_logits(distillation: Distillation | None) -> None:
    logits, labels = torch.zeros(5, 10), torch.arange(5)
    taught = None if distillation is None else torch.zeros(5, 10)
    found = objective(logits, labels, taught, label_smoothing=0.1, distillation=distillation)
    assert float(found) == pytest.approx(guessing_loss(10, distillation), rel=1e-6)


def test_an_epoch_of_a_loss_beyond_reason_is_ended_with_the_rate_that_was_given() -> None:
    network = in_floats()
    watch().epoch(99.9 * GUESSING, network, 0)
    words = (
        "^training.learning_rate: the training diverged: the mean loss of epoch 2 is 3.78679e\\+08 with 10, that of "
        "guessing is 2.3; at most 230.3 is allowed: lower the learning rate$"
    )
    with pytest.raises(TrainingFailed, match=words):
        watch().epoch(378679040.0, network, 1)


def test_a_training_that_diverges_without_nan_is_ended() -> None:
    # Of the field trial: a rate of 10, a loss of 378,679,040 after an epoch, and exit 0.
    with pytest.raises(TrainingFailed, match=r"the training diverged: the mean loss of epoch 1 .*: lower the learning"):
        trained(on_chip("batch"), epochs=2, learning_rate=10.0)


def test_a_healthy_training_is_never_near_it_whatever_it_starts_from() -> None:
    # Straight on the chip from random weights, with one bit of activation: the worst start that there is.
    hardware = chip({"levels": 2, "g_max": 1e-5, "on_off_ratio": 2}, activation={"bits": 1})
    network = HardwareNetwork(dense_graph((64, 32, 10), "batch"), hardware, generator=stream(0))
    losses = [record.loss for record in trained(network, epochs=2, learning_rate=0.02)]
    assert max(losses) < 3 * GUESSING


def test_the_rate_is_not_blamed_where_it_is_the_default() -> None:
    assert advice("learning_rate", 0.0021) == advice("hardware_learning_rate", 0.021) == "lower the learning rate"
    for rate in (2e-3, 1e-6):
        assert "lower" not in advice("learning_rate", rate)
        assert "training.aware_of" in advice("learning_rate", rate)
    with pytest.raises(TrainingFailed, match=r"the loss became nan in epoch 1 with 0.002; .*hardly the cause"):
        watch(2e-3).loss(math.nan, 0)


@pytest.mark.parametrize(
    ("what", "break_it"),
    [
        ("largest weight became nan", lambda network: network.layers[0].theta.data.fill_(math.nan)),
        # exp(100) is a number in double precision, and none in that of the training.
        ("largest scale of a layer became inf", lambda network: network.layers[1].log_scale.data.fill_(100.0)),
        (
            "largest range of an activation became inf",
            lambda network: network.activations["fc1_act"].log_range.fill_(100.0),
        ),
        (
            "largest statistic of the normalisation became inf",
            lambda network: network.norms[0].running_var.fill_(math.inf),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_loss_has_seen_yet_is_looked_at(what: str, break_it: Any) -> None:
    network: nn.Module = on_chip("batch")
    watch().epoch(1.0, network, 0)
    break_it(network)
    with pytest.raises(TrainingFailed, match=f"^training.learning_rate: the {what} in epoch 1 with 10; a finite"):
        watch().epoch(1.0, network, 0)


def test_below_a_temperature_of_one_a_wrong_answer_is_no_divergence() -> None:
    # At T = 0.1 and w = 1 logits that are wrong by 20 give a loss of w T 20 = 2: far above T^2 ln 5, and no divergence.
    guessing = guessing_loss(5, Distillation(weight=1.0, temperature=0.1))
    assert guessing == pytest.approx(math.log(5), rel=1e-15)
    assert guessing_loss(5, Distillation(weight=1.0, temperature=2.0)) == pytest.approx(4 * math.log(5), rel=1e-15)
    Watch("learning_rate", 10.0, guessing).epoch(2.0, nn.Linear(1, 1), 0)


@pytest.mark.parametrize(
    ("rate", "hardware_rate", "named"),
    [
        (10.0, None, "training.learning_rate"),
        (10.0, 1.0, "training.hardware_learning_rate"),
        # What it starts from was trained with 10.
        (10.0, 1e-12, "training.learning_rate"),
        (10.0, 0.02, "training.learning_rate"),
        (1e-3, 1e-12, "hardware"),
        (2e-3, 0.02, "hardware"),
        (2e-3, 0.021, "training.hardware_learning_rate"),
        (2e-3, None, "hardware"),
    ],
)
def test_the_field_that_is_named_can_be_the_cause(rate: float, hardware_rate: float | None, named: str) -> None:
    watch = Watch(*rate_of(Training(learning_rate=rate), hardware_rate), 1.0)
    with pytest.raises(TrainingFailed, match=f"^{named}: the training diverged"):
        watch.epoch(1000.0, nn.Linear(1, 1), 0)
