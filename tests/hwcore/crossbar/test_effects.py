"""Chips with some effects: a chip is its number, images do not see one another, single precision is precise enough."""

import pytest
import torch

from hwcore.spec import Effect, present_effects
from tests.hwcore.crossbar.built_chips import CODES, YEAR, foundry, hardware, logits, share, under

PRESENT = present_effects(hardware())


@pytest.mark.parametrize("effects", [*([each] for each in PRESENT), list(PRESENT)], ids=str)
def test_a_chip_is_its_number_whatever_else_is_made(effects: list[Effect]) -> None:
    expected = logits(foundry().chip(7, under(effects)))
    busy = foundry()
    torch.rand(17)
    for number in (9, 0, 7, 8):
        logits(busy.chip(number, under(effects, seconds=YEAR / 2)))
        busy.chip(number, under())
    assert torch.equal(logits(busy.chip(7, under(effects))), expected)
    different = not torch.equal(logits(busy.chip(8, under(effects))), expected)
    assert different is under(effects).drawn
    other_seed = not torch.equal(logits(foundry(seed=6).chip(7, under(effects))), expected)
    assert other_seed is under(effects).drawn


@pytest.mark.parametrize("effects", [[each] for each in PRESENT if each != "read"], ids=str)
def test_images_do_not_see_one_another(effects: list[Effect]) -> None:
    # Read noise is drawn output after output, so there only the law is the same; `array_logits` always cuts alike.
    chip = foundry().chip(2, under(effects))
    parts = torch.cat([logits(chip, CODES[:1]), logits(chip, CODES[1:50]), logits(chip, CODES[50:])])
    assert share(parts, logits(chip)) < 1e-12


# Converters of a chip on its levels meet exact ties, where the last bit decides: such a chip is never looked at in
# single precision (`correct_images`).
@pytest.mark.parametrize(
    "effects", [["programming"], ["stuck_at"], ["wires"], ["read"], ["drift"], ["wires", "adc"], list(PRESENT)], ids=str
)
def test_single_precision_is_double_precision_to_a_ten_thousandth(effects: list[Effect]) -> None:
    of = foundry("relu")
    single, double = of.chip(1, under(effects)).to(torch.float32), of.chip(1, under(effects))
    assert single.dtype == torch.float32
    assert share(logits(single, activation="relu"), logits(double, activation="relu")) < 1e-4
