"""The proof that the arrays compute the trained network fails where they do not."""

from dataclasses import replace

import pytest
import torch

from hwcore.crossbar import Foundry
from hwcore.layers import HardwareNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.evaluate import MappingBroken, designed_logits, network_logits, proven_agreement, proven_codes
from hwcore.report import CodeAgreement
from hwcore.spec import Adc, Digital
from tests.hwcore.layers.drawn_networks import described, drawn_network
from tests.hwcore.training.small_examples import drawn

EXAMPLES = drawn(3000, 21, classes=6)


def network() -> HardwareNetwork:
    hardware = described("exponential, ratio 8, negative at 0.8", "relu of 2 bits", {})
    return drawn_network(hardware, (21, 9, 6), "batch")


def broken(mapped: MappedNetwork, factor: float) -> MappedNetwork:
    last = mapped.layers[-1]
    pairs = replace(last.array.pairs, g_pos=last.array.pairs.g_pos * factor)
    wrong = replace(last, arrays=(replace(last.array, pairs=pairs),))
    return replace(mapped, layers=(*mapped.layers[:-1], wrong))


def test_a_faithful_mapping_is_proven() -> None:
    of, mapped = network(), map_network(network())
    assert proven_agreement(of, designed_logits(mapped, EXAMPLES), EXAMPLES).largest <= 1e-9


def test_hard_values_are_judged_in_double_precision_whatever_the_mode() -> None:
    of = network().train()
    found = network_logits(of, EXAMPLES)
    assert found.dtype == torch.float64
    assert torch.equal(found, network_logits(network().eval(), EXAMPLES))
    assert of.training
    assert next(of.parameters()).dtype == torch.float32


@pytest.mark.parametrize("factor", [1.01, 1 + 1e-7])
def test_a_mapping_that_is_off_is_not(factor: float) -> None:
    logits = designed_logits(broken(map_network(network()), factor), EXAMPLES)
    with pytest.raises(MappingBroken, match="the arrays differ from the trained network"):
        proven_agreement(network(), logits, EXAMPLES)


def test_logits_that_are_no_numbers_prove_nothing() -> None:
    logits = designed_logits(map_network(network()), EXAMPLES)
    logits[7, 2] = torch.nan
    with pytest.raises(MappingBroken):
        proven_agreement(network(), logits, EXAMPLES)


def test_codes_are_compared_on_every_image_and_a_chip_that_is_off_is_not_proven() -> None:
    of, mapped = network(), map_network(network())
    digital = Digital(accumulator_bits=16, scale_bits=8, offset_bits=8)
    hardware = of.hardware.model_copy(update={"digital": digital, "adc": Adc(bits=6)})
    codes = EXAMPLES.codes[:100]
    right, wrong = (
        Foundry(each, hardware, seed=0, codes=codes, lsb=EXAMPLES.lsb, trained_through_wires=False)
        for each in (mapped, broken(mapped, 1.01))
    )
    assert proven_codes(of, right, EXAMPLES) == CodeAgreement(3000 * (9 + 9 + 6), 0)
    with pytest.raises(MappingBroken, match=r"of 72000 codes of the arrays differ from those of the trained network"):
        proven_codes(of, wrong, EXAMPLES)
