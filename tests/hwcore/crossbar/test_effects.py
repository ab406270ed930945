"""What every effect of a chip has to keep: one list of effects, and a new one joins with a line in built_chips."""

import pytest
import torch

from hwcore.crossbar import as_designed
from hwcore.spec import EFFECTS, Effect
from tests.hwcore.crossbar.built_chips import CODES, OFF, YEAR, foundry, logits, mapped, share, under

DESIGNED = logits(as_designed(mapped()))


def test_the_list_has_every_effect() -> None:
    assert set(OFF) == set(EFFECTS)


@pytest.mark.parametrize("effect", EFFECTS)
def test_off_is_as_designed(effect: Effect) -> None:
    found = logits(foundry(**OFF[effect]).chip(3, under([effect])))
    assert share(found, DESIGNED) < 1e-12


@pytest.mark.parametrize("effect", EFFECTS)
def test_on_it_changes_something_and_not_everything(effect: Effect) -> None:
    found = logits(foundry().chip(3, under([effect], compensated=False)))
    assert 1e-4 < share(found, DESIGNED) < 2


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_condition_without_it_does_not_have_it(effect: Effect) -> None:
    others = [each for each in EFFECTS if each != effect]
    with_off = foundry(**OFF[effect]).chip(3, under(others)) if effect in ("wires", "adc") else None
    found = logits(foundry().chip(3, under(others)))
    assert with_off is None or torch.equal(found, logits(with_off))
    assert share(found, logits(foundry().chip(3, under()))) > 1e-6


@pytest.mark.parametrize("effects", [*([each] for each in EFFECTS), list(EFFECTS)], ids=str)
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


@pytest.mark.parametrize("effects", [[each] for each in EFFECTS if each != "read"], ids=str)
def test_images_do_not_see_one_another(effects: list[Effect]) -> None:
    # Read noise is drawn output after output, so there only the law is the same; `array_logits` always cuts alike.
    chip = foundry().chip(2, under(effects))
    parts = torch.cat([logits(chip, CODES[:1]), logits(chip, CODES[1:50]), logits(chip, CODES[50:])])
    assert share(parts, logits(chip)) < 1e-12


# Converters of a chip on its levels meet exact ties, where the last bit decides: such a chip is never looked at in
# single precision (`correct_images`).
@pytest.mark.parametrize(
    "effects", [["programming"], ["stuck_at"], ["wires"], ["read"], ["drift"], ["wires", "adc"], list(EFFECTS)], ids=str
)
def test_single_precision_is_double_precision_to_a_ten_thousandth(effects: list[Effect]) -> None:
    of = foundry("relu")
    single, double = of.chip(1, under(effects)).to(torch.float32), of.chip(1, under(effects))
    assert single.dtype == torch.float32
    assert share(logits(single, activation="relu"), logits(double, activation="relu")) < 1e-4
