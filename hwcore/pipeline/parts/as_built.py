"""The chips as built: every effect alone, all together, over time, and which layer suffers most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar import Foundry, array_logits
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.bundle import Bundle
from hwcore.pipeline.parts.checkpoint import Keeper
from hwcore.pipeline.parts.converters import clipped_conversions, converter_ranges
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.judge import Found, Judge
from hwcore.pipeline.parts.offer import Offer, make_offer
from hwcore.pipeline.parts.pace import Pace
from hwcore.report import (
    AtTime,
    ChipsRung,
    Conversions,
    ConverterRanges,
    Costs,
    LayerAlone,
    Measure,
    NetworkRung,
    Rung,
    Spread,
    Target,
)
from hwcore.spec import (
    EFFECTS,
    SENSITIVITY_CHIPS,
    Condition,
    Examination,
    Look,
    everything,
    kept_effects,
    looks,
    over_time,
    reference_stage,
    shared_by_layers,
    trained_through_wires,
)

CALIBRATION_IMAGES = 500
"""Training images that converters, the compensation of drift and chips are calibrated on."""


@dataclass(frozen=True, eq=False)
class AsBuilt:
    """Results of the chips as built.

    Attributes:
        rungs: of the ladder, from `programming` on.
        target: accuracy from which a chip is good.
        over_time: accuracy at every time; empty where nothing depends on time.
        costs: of the effects.
        sensitivity: by layer the accuracy where it alone has the effects; empty without effects.
        clipped: by layer its conversions on the test images; empty without converters.
        converters: accuracy with either kind of range; None where the job does not look at converters.
        from_helpers: tasks whose results came from other processes.
        done_before: tasks that an earlier attempt had done.
        logits_with_wires: of the chip as designed on its lines; None where nothing was looked at through wires.
    """

    rungs: tuple[Rung, ...]
    target: Target
    over_time: tuple[AtTime, ...]
    costs: Costs
    sensitivity: Mapping[str, LayerAlone]
    clipped: Mapping[str, Conversions]
    converters: ConverterRanges | None
    from_helpers: int = 0
    done_before: int = 0
    logits_with_wires: Float64[Tensor, "images classes"] | None = None


def judge_of(
    examination: Examination, mapped: MappedNetwork, data: JobData, pace: Pace, offer: Offer | None = None
) -> Judge:
    """The judge of an examination's chips; arguments as for `judge_as_built`."""
    test, codes = data.chip.test, data.chip.training.codes[:CALIBRATION_IMAGES].cpu()
    foundry = Foundry(
        mapped,
        examination.hardware,
        seed=examination.seed,
        codes=codes,
        lsb=test.lsb,
        trained_through_wires=trained_through_wires(examination),
    )
    return Judge(foundry, test, pace, offer)


def judge_as_built(
    examination: Examination,
    mapped: MappedNetwork,
    data: JobData,
    designed: int,
    pace: Pace,
    offer: Offer | None = None,
    keeper: Keeper | None = None,
) -> AsBuilt:
    """Draw chips and look at them as the examination says.

    Args:
        examination: of the chips.
        mapped: what is written to them.
        data: test images to judge by, training images to calibrate on.
        designed: test images that the arrays as designed classify right, or their tally.
        pace: told of every chip.
        offer: where drawn chips are offered to others; None: all are computed here.
        keeper: of the chips that an earlier attempt judged; None: all are judged.
    """
    chips = examination.chips
    judge = judge_of(examination, mapped, data, pace, offer)
    keeping = keeper if keeper is not None and keeper.checkpoints is not None else None
    if offer is not None or keeping is not None:
        bundle = Bundle(examination, mapped, judge.images_sha256())
        if keeping is not None:
            judge = replace(judge, judged=keeping.chips(bundle))
        if offer is not None:
            make_offer(offer, bundle, without=judge.judged.before)
    asked = looks(examination)
    nothing = Condition.of([], asked[0].condition.seconds)
    known = {nothing: [designed]}
    # Every rung has what is kept: the network with that alone is the one that costs are told against.
    kept = Condition.of(kept_effects(examination), asked[0].condition.seconds)
    conditions = dict.fromkeys([*(look.condition for look in asked), kept])
    found = {**judge.correct((each for each in conditions if each not in known), chips), **known}

    measure = judge.measure
    reference = measure.value(found[kept][0])
    target = Target.of(examination, reference)
    rungs = [_rung(examination, look, found[look.condition], measure, target) for look in asked if look.on_ladder]
    return AsBuilt(
        tuple(rungs),
        target,
        _over_time(examination, asked, found, measure),
        Costs.of(rungs, reference_stage(examination), reference, falls=measure.falls),
        _sensitivity(examination, judge, everything(asked), designed),
        clipped_conversions(judge.foundry, data, asked),
        converter_ranges(judge, asked, found),
        len(judge.from_helpers),
        len(judge.earlier),
        _logits_with_wires(judge.foundry, data, asked),
    )


def _rung(examination: Examination, look: Look, correct: list[int], measure: Measure, target: Target) -> Rung:
    drawn, note = look.condition.drawn, _note(examination, look)
    if drawn or look.empty:
        chips = examination.chips
        return ChipsRung.of(look.stage, correct, measure, chips, target.accuracy, drawn=drawn, note=note)
    return NetworkRung.of(look.stage, correct[0], measure, note)


def _note(examination: Examination, look: Look) -> str | None:
    """Facts of a rung that its numbers do not show."""
    notes = ["through the wires, which the training included"] if trained_through_wires(examination) else []
    if examination.hardware.calibrated and look.condition.effects:
        notes.append("columns calibrated once, after the write")
    if look.empty and look.effect is not None:
        row = EFFECTS[look.effect]
        missing = row.model(examination.hardware) is None
        why = f"{'the description' if missing else 'evaluation.effects'} has no {row.title}"
        notes.append(f"{why}: every chip is as designed, and none was drawn")
    return "; ".join(notes) or None


def _over_time(examination: Examination, asked: list[Look], found: Found, measure: Measure) -> tuple[AtTime, ...]:
    """Every look that has a time in its name, with and without compensation."""
    entries = []
    for look in asked:
        if look.stage.seconds is None or not over_time(examination):
            continue
        correct = found[look.condition]
        compensation = look.condition.compensation(examination.hardware)
        spread = Spread.of(correct, measure.divisor, falls=measure.falls)
        entries.append(AtTime(look.condition.seconds, look.stage.name, compensation, spread, len(correct)))
    return tuple(entries)


def _sensitivity(examination: Examination, judge: Judge, condition: Condition, designed: int) -> dict[str, LayerAlone]:
    """Accuracy with all effects in one layer alone, and in the others only the effects that all layers share."""
    if not condition.effects:
        return {}
    shared = shared_by_layers(examination, condition)
    base = judge.correct([shared], 1)[shared][0] if shared.effects else designed
    chips = min(examination.chips, SENSITIVITY_CHIPS)
    layers = judge.in_each_layer(chips, shared, condition)
    return {name: LayerAlone.of(correct, base, judge.measure) for name, correct in layers.items()}


def _logits_with_wires(foundry: Foundry, data: JobData, asked: list[Look]) -> Float64[Tensor, "images classes"] | None:
    """Return the logits through wires, in float64: every cell as designed, nothing converted or drawn."""
    if not any("wires" in look.condition.effects for look in asked):
        return None
    test = data.chip.test
    return array_logits(foundry.network, foundry.reference(wired=True), test.codes.cpu(), test.lsb)
