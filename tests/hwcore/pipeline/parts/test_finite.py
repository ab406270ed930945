"""No number that is none is written, and a network of nothing but roundings is told as the training that it is."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from hwcore.errors import TrainingFailed
from hwcore.layers import HardwareNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.evaluate import AGREEMENT, MappingBroken, designed_logits, proven_agreement
from hwcore.pipeline.parts.finite import (
    Rate,
    hardware_rate,
    require_finite_logits,
    require_finite_report,
    require_settled_logits,
)
from hwcore.spec import dense_graph, parse_job
from hwcore.streams import stream
from tests.hwcore.layers.drawn_networks import described, drawn_network
from tests.hwcore.report.plots.drawn_reports import report, rung
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.small_examples import drawn

EXAMPLES = drawn(300, 21, classes=6)
TEN = Rate("learning_rate", 10.0)


def network() -> HardwareNetwork:
    hardware = described("exponential, ratio 8, negative at 0.8", "relu of 2 bits", {})
    return drawn_network(hardware, (21, 9, 6), "batch")


def settle(mapped: MappedNetwork) -> None:
    logits = designed_logits(mapped, EXAMPLES)
    require_settled_logits(mapped, logits, EXAMPLES, TEN, AGREEMENT, MappingBroken("the arrays differ"))


def test_the_rate_is_the_one_that_the_network_was_trained_with() -> None:
    job: dict[str, Any] = {"hardware": "ideal", "dataset": "digits", "training": {"learning_rate": 0.5}}
    assert hardware_rate(parse_job(job).training) == ("learning_rate", 0.5)
    job["training"]["hardware_learning_rate"] = 0.25
    assert hardware_rate(parse_job(job).training) == ("hardware_learning_rate", 0.25)


@pytest.mark.parametrize("broken", [torch.inf, torch.nan])
def test_logits_that_are_no_numbers_are_told_with_the_rate(broken: float) -> None:
    logits = torch.zeros(7, 3, dtype=torch.float64)
    require_finite_logits(logits, "the network", TEN)
    logits[4, 1] = broken
    with pytest.raises(TrainingFailed, match=r"^training.learning_rate: the logits of the network are .* 1 of 7 test"):
        require_finite_logits(logits, "the network", TEN)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_report_is_told_by_the_place_of_what_is_no_number(value: float) -> None:
    require_finite_report(report(), TEN)
    broken = replace(report(), ladder=(rung("float", 0.9), replace(rung("rounded", 0.9), ci95=(0.8, value))))
    with pytest.raises(TrainingFailed, match=r"report.ladder\[1\].ci95\[1\] became .* with 10; .*: lower the"):
        require_finite_report(broken, TEN)


def test_a_network_that_was_trained_to_something_is_settled() -> None:
    settle(map_network(network()))


def test_a_network_that_amplifies_roundings_is_a_training_that_failed() -> None:
    # A sum that is zero but for its last bit, and a scale of 1e30 that makes a signal of that bit.
    mapped = map_network(drawn_network(chip({"levels": 2, "g_max": 1e-5}), (21, 9, 6), "none"))
    digital = mapped.layers[0].digital
    first = cancelling(replace(mapped.layers[0], digital=replace(digital, scale=digital.scale * 1e30)))
    with pytest.raises(TrainingFailed, match=r"amplifies roundings: a change of 1e-15 .* with 10; .*: lower the"):
        settle(replace(mapped, layers=(first, *mapped.layers[1:])))


def cancelling(layer: Any) -> Any:
    """The layer with a bias that takes the current of the first image away, to the last bit or nearly so."""
    drive = EXAMPLES.inputs(slice(None), torch.float64)
    current = drive @ layer.difference
    return replace(layer, digital=replace(layer.digital, bias=-layer.digital.scale * current[0]))


def test_an_image_whose_logits_cancel_is_held_to_those_of_the_others() -> None:
    of = network()
    mapped = map_network(of)
    logits = designed_logits(mapped, EXAMPLES)
    dark = replace(EXAMPLES, codes=torch.zeros_like(EXAMPLES.codes[:2]), labels=EXAMPLES.labels[:2])
    both = replace(
        EXAMPLES, codes=torch.cat([dark.codes, EXAMPLES.codes]), labels=torch.cat([dark.labels, EXAMPLES.labels])
    )
    assert proven_agreement(of, designed_logits(mapped, both), both).largest <= 1e-9
    unbiased = HardwareNetwork(dense_graph((21, 6)), chip({"levels": 4, "g_max": 1e-5}), generator=stream(0))
    with torch.no_grad():
        unbiased.layers[0].theta.normal_(generator=stream(1))
    logits = designed_logits(map_network(unbiased.eval()), both)
    assert not logits[:2].any()
    # What the last bits of a sum leave, and not what a fault would.
    logits[0, 3] = float(logits.abs().max()) * 1e-16
    found = proven_agreement(unbiased, logits, both)
    # The class of such an image is one of roundings: it may be another, and that is said.
    assert found.largest <= 1e-9
    assert not found.identical
    logits[0, 3] = float(logits.abs().max()) * 1e-13
    with pytest.raises(MappingBroken):
        proven_agreement(unbiased, logits, both)
