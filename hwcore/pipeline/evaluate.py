"""The test set, touched once: every rung of the ladder, and the proof that the arrays compute what was trained."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar import Foundry, array_logits, as_designed, predicted_class
from hwcore.layers import FloatNetwork, HardwareNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.as_built import AsBuilt, judge_as_built, judge_of
from hwcore.pipeline.parts.checkpoint import Keeper
from hwcore.pipeline.parts.code_agreement import code_agreement
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.finite import float_rate, hardware_rate, require_finite_logits, require_settled_logits
from hwcore.pipeline.parts.offer import Offer
from hwcore.pipeline.parts.pace import Pace
from hwcore.pipeline.parts.tally import measure_of, tally
from hwcore.report import Agreement, CodeAgreement, NetworkRung, Rounding, Rung
from hwcore.spec import Examination, Stage, Training, looks, trained_through_wires
from hwcore.training import Examples, images_at_once

AGREEMENT = 1e-9
"""Largest difference between the arrays and the hard network, relative to the largest logit of an image."""
SAYS_NOTHING = 1e-6
"""Share of the largest logit of all images: an image whose logits are all below it is told nothing but roundings. Its
logits are held to this share in the place of their own, and its class to nothing."""


class MappingBroken(RuntimeError):
    """The arrays do not compute what the trained network does: a fault of mho, not of its user."""


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Results on the test set.

    Attributes:
        ladder: the rungs, in order.
        rounding: accuracy of the rounded network by the rule of its scales.
        agreement: of the arrays with the hard network.
        logits: of the arrays as designed.
        built: results of the chips as built.
    """

    ladder: tuple[Rung, ...]
    rounding: Rounding
    agreement: Agreement
    logits: Float64[Tensor, "images classes"]
    built: AsBuilt


@dataclass(frozen=True, eq=False)
class Networks:
    """The networks to be judged: in floating point, rounded in two ways, hardware-aware, and as mapped.

    `reference` is in floating point as well, and judged in the place of `plain` where there is one.
    """

    plain: FloatNetwork
    rounded_full_range: HardwareNetwork
    rounded_least_error: HardwareNetwork
    aware: HardwareNetwork
    mapped: MappedNetwork
    reference: HardwareNetwork | None = None


def evaluate(
    examination: Examination,
    training: Training,
    networks: Networks,
    data: JobData,
    pace: Pace,
    offer: Offer | None = None,
    keeper: Keeper | None = None,
) -> Evaluated:
    """Judge every network on the whole test set; what runs on the chip is computed by the arrays, in float64.

    Args:
        examination: of the chips.
        training: of the networks, with the learning rates that an error names.
        networks: to be judged.
        data: test images to judge by, training images to calibrate on.
        pace: told of every step.
        offer: where chips as built are offered to others; None: all are computed here.
        keeper: of those that an earlier attempt judged; None: all are judged.
    """
    measure = measure_of(data.chip.test)

    float_logits = network_logits(networks.reference or networks.plain, data.plain.test)
    require_finite_logits(float_logits, "the floating-point network", float_rate(training))
    ladder: list[Rung] = [NetworkRung.of(Stage("float"), tally(float_logits, data.plain.test), measure)]
    pace.step(pace.chip, "evaluation", f"float {ladder[-1].accuracy:.4f}")

    full_range, least_error = (
        tally(designed_logits(map_network(network), data.chip.test), data.chip.test)
        for network in (networks.rounded_full_range, networks.rounded_least_error)
    )
    ladder.append(NetworkRung.of(Stage("rounded"), full_range, measure))
    pace.step(pace.chip, "evaluation", f"rounded {ladder[-1].accuracy:.4f}")

    logits = designed_logits(networks.mapped, data.chip.test)
    require_finite_logits(logits, "the network on the chip", hardware_rate(training))
    try:
        agreement = proven_agreement(networks.aware, logits, data.chip.test)
    except MappingBroken as error:
        # Where the network itself is nothing but roundings, that is the cause.
        require_settled_logits(networks.mapped, logits, data.chip.test, hardware_rate(training), AGREEMENT, error)
        raise
    designed = tally(logits, data.chip.test)
    note = (
        "without the wires that it was trained for: see the rung wires" if trained_through_wires(examination) else None
    )
    ladder.append(NetworkRung.of(Stage("hardware_aware"), designed, measure, note))
    pace.step(2 * pace.chip, "evaluation", f"hardware_aware {ladder[-1].accuracy:.4f}")

    built = judge_as_built(examination, networks.mapped, data, designed, pace, offer, keeper)
    if any(look.effect == "digital" for look in looks(examination)):
        foundry = judge_of(examination, networks.mapped, data, pace).foundry
        agreement = replace(agreement, codes=proven_codes(networks.aware, foundry, data.chip.test))
        pace.step(0.0, "evaluation", "every code of the chip as designed is that of the trained network")
    rounding = Rounding(measure.value(full_range), measure.value(least_error))
    return Evaluated((*ladder, *built.rungs), rounding, agreement, logits, built)


@torch.no_grad()
def network_logits(network: torch.nn.Module, examples: Examples) -> Float64[Tensor, "images classes"]:
    """Logits of a torch network with hard values, computed in float64, on the CPU."""
    exact = copy.deepcopy(network).double().eval()
    batch = images_at_once(network)
    starts = range(0, len(examples), batch)
    parts = [exact(examples.inputs(slice(i, i + batch), torch.float64)) for i in starts]
    return torch.cat(parts).cpu()


def designed_logits(network: MappedNetwork, examples: Examples) -> Float64[Tensor, "images classes"]:
    """Logits of the arrays with every cell as designed."""
    return array_logits(network, as_designed(network), examples.codes.cpu(), examples.lsb)


def proven_agreement(
    aware: HardwareNetwork, logits: Float64[Tensor, "images classes"], examples: Examples
) -> Agreement:
    """The arrays' logits and classes against the hard network's, on every image.

    An image whose logits are all less than a millionth of the largest of all images has that millionth in their place:
    where they cancel, nothing but the roundings of the terms is left, and no class either.

    Raises:
        MappingBroken: above 1e-9, or another class is predicted for some image that says something.
    """
    expected = network_logits(aware, examples)
    largest_of_image = expected.abs().amax(1, keepdim=True)
    least = (SAYS_NOTHING * largest_of_image.max()).clamp(min=torch.finfo(torch.float64).tiny)
    largest = float(((logits - expected).abs() / largest_of_image.clamp(min=least)).max())
    # Outputs that are no classes have none to be told apart.
    classes = examples.metric == "accuracy"
    differs = (predicted_class(logits) != predicted_class(expected)) & classes
    differing = int((differs & (largest_of_image.squeeze(1) >= least)).sum())
    if not largest <= AGREEMENT or differing:
        raise MappingBroken(
            f"the arrays differ from the trained network by {largest:.3g} of the largest logit and on {differing} "
            f"predictions; allowed: {AGREEMENT:g} and none"
        )
    return Agreement(largest, not bool(differs.any()))


def proven_codes(aware: HardwareNetwork, foundry: Foundry, examples: Examples) -> CodeAgreement:
    """Codes of the chip as designed against those of the hard network, on every image; arguments as `code_agreement`.

    Raises:
        MappingBroken: one of them differs.
    """
    found = code_agreement(aware, foundry, examples)
    if found.differing:
        raise MappingBroken(
            f"{found.differing} of {found.compared} codes of the arrays differ from those of the trained network; "
            "allowed: none"
        )
    return found
