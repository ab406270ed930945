"""Laws of every effect of a chip, for each encoding and kind of layer: an effect joins by an entry of `CASES`."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
import torch

from hwcore.crossbar import CELL_EFFECTS, PRODUCT_EFFECTS, Chip, array_logits, as_designed
from hwcore.layers import TRAINING_FORMS, Awareness, training_effects
from hwcore.spec import EFFECTS, Condition, Effect
from hwcore.streams import stream
from tests.hwcore.conformance.effect_cases import CASES, LATER, MODELLED, T0, Part, everything_but
from tests.hwcore.conformance.effect_chips import LSB, Encoding, Kind, codes, foundry, hardware, mapped, network

every_model = pytest.mark.parametrize(("effect", "part"), MODELLED.values(), ids=MODELLED)
every_effect = pytest.mark.parametrize("effect", CASES)
every_layer = pytest.mark.parametrize("kind", get_args(Kind))
every_encoding = pytest.mark.parametrize("encoding", get_args(Encoding))


def logits(chip: Chip, kind: Kind, encoding: Encoding) -> torch.Tensor:
    return array_logits(mapped(kind, encoding), chip, codes(), LSB)


def built(part: Part, kind: Kind, encoding: Encoding, *effects: Effect, number: int = 3, t: float = T0) -> torch.Tensor:
    """Logits of a chip with these effects of a description, without compensation."""
    chip = foundry(kind, encoding, part).chip(number, Condition.of(effects, t, compensated=False))
    return logits(chip, kind, encoding)


def designed(kind: Kind, encoding: Encoding) -> torch.Tensor:
    return logits(as_designed(mapped(kind, encoding)), kind, encoding)


def apart(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference as a share of the largest logit."""
    return float((found - expected).abs().max() / expected.abs().max())


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """All tensors of nested values."""
    match value:
        case torch.Tensor():
            yield value
        case Mapping():
            yield from tensors(list(value.values()))
        case list() | tuple():
            for each in value:
                yield from tensors(each)
        case _ if dataclasses.is_dataclass(value):
            yield from tensors([getattr(value, field.name) for field in dataclasses.fields(value)])


def test_every_effect_has_a_case_a_place_and_where_it_is_trainable_a_form() -> None:
    assert set(CASES) == set(EFFECTS)
    assert set(CELL_EFFECTS) == {effect for effect, row in EFFECTS.items() if row.acts_on == "cells"}
    # Wires are in the matrices that the outputs see.
    assert {*PRODUCT_EFFECTS, "wires"} == {effect for effect, row in EFFECTS.items() if row.acts_on == "products"}
    assert set(TRAINING_FORMS) == {effect for effect, row in EFFECTS.items() if row.trainable}


def test_every_effect_that_is_drawn_has_a_stream_of_its_own() -> None:
    streams = [row.stream for row in EFFECTS.values() if row.drawn]
    assert len(set(streams)) == len(streams)


@every_effect
def test_a_description_has_it_where_its_row_says_so(effect: Effect) -> None:
    row = EFFECTS[effect]
    assert row.name == effect
    assert row.model(hardware("sign_select", CASES[effect].on)) is not None
    assert row.model(hardware("sign_select", everything_but(effect))) is None
    assert row.path in row.missing


@every_effect
@every_layer
@every_encoding
def test_at_strength_zero_a_chip_is_as_designed(effect: Effect, kind: Kind, encoding: Encoding) -> None:
    assert apart(built(CASES[effect].off, kind, encoding, effect), designed(kind, encoding)) < 1e-12


@every_model
@every_layer
@every_encoding
def test_chips_differ_where_its_row_says_so(effect: Effect, part: Part, kind: Kind, encoding: Encoding) -> None:
    one, again, other = (built(part, kind, encoding, effect, number=number, t=LATER) for number in (3, 3, 4))
    assert apart(one, designed(kind, encoding)) > 1e-4
    assert torch.equal(one, again)
    assert torch.equal(one, other) is not EFFECTS[effect].drawn


@every_model
@every_encoding
def test_it_ages_where_its_model_begins_at_a_time(effect: Effect, part: Part, encoding: Encoding) -> None:
    early, late = (built(part, "conv", encoding, effect, t=t) for t in (T0, LATER))
    assert torch.equal(early, late) is (EFFECTS[effect].begins(hardware(encoding, part)) is None)


@every_model
@every_encoding
def test_cells_hold_something_else_where_its_row_says_so(effect: Effect, part: Part, encoding: Encoding) -> None:
    of = foundry("dense", encoding, part)
    alone, without = (list(tensors(of.cells(3, Condition.of(effects, LATER)))) for effects in ([effect], []))
    same = len(alone) == len(without) and all(map(torch.equal, alone, without))
    assert same is (EFFECTS[effect].acts_on != "cells")


@every_effect
def test_a_chip_without_it_does_not_have_it(effect: Effect) -> None:
    others = [each for each in EFFECTS if each != effect]
    parts = everything_but(effect)
    both = {**parts, **{name: {**parts.get(name, {}), **part} for name, part in CASES[effect].on.items()}}
    without = built(parts, "conv", "sign_select", *others, t=LATER)
    assert torch.equal(built(both, "conv", "sign_select", *others, t=LATER), without)
    assert apart(built(both, "conv", "sign_select", *EFFECTS, t=LATER), without) > 1e-5


@every_model
@every_layer
@every_encoding
def test_training_sees_it_where_its_row_says_so(effect: Effect, part: Part, kind: Kind, encoding: Encoding) -> None:
    row, of = EFFECTS[effect], hardware(encoding, part)
    if not row.trainable:
        assert effect not in TRAINING_FORMS
        return
    trained, inputs = network(kind, of).train(), codes().double() * LSB
    plain = trained(inputs)
    awareness = Awareness(frozenset({effect}), stream(0), times=(LATER,))
    with torch.no_grad(), training_effects(trained, of, awareness) as states:
        one, other = trained(inputs), trained(inputs)
        assert apart(one, plain) > 1e-4
        assert torch.equal(one, other) is not row.drawn
        assert states
    assert torch.equal(trained(inputs), plain)


@every_effect
@every_encoding
def test_training_sees_nothing_of_it_at_strength_zero(effect: Effect, encoding: Encoding) -> None:
    if effect in TRAINING_FORMS:
        of = hardware(encoding, CASES[effect].off)
        trained, inputs = network("dense", of).train(), codes().double() * LSB
        plain = trained(inputs)
        with torch.no_grad(), training_effects(trained, of, Awareness(frozenset({effect}), stream(0), times=(LATER,))):
            assert apart(trained(inputs), plain) < 1e-12


@every_model
@every_layer
@every_encoding
def test_the_hard_network_is_the_chip_with_what_is_not_drawn(
    effect: Effect, part: Part, kind: Kind, encoding: Encoding
) -> None:
    of = hardware(encoding, part)
    aware = frozenset({effect} & set(TRAINING_FORMS))
    shared = () if EFFECTS[effect].drawn or not aware else (effect,)
    hard = network(kind, of)
    with torch.no_grad(), training_effects(hard, of, Awareness(aware, stream(0), times=(T0,))):
        found = hard(codes().double() * LSB)
    # The converters of a network keep their ranges in single precision.
    assert apart(found, built(part, kind, encoding, *shared)) < 1e-6
