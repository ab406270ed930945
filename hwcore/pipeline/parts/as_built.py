"""The chips as built: every effect alone, all together, over time, and which layer suffers most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar import Foundry, array_logits
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.costs import costs
from hwcore.pipeline.ladder import chips_rung, rung, target_accuracy
from hwcore.pipeline.parts.bundle import Bundle
from hwcore.pipeline.parts.checkpoint import Keeper
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.judge import Found, Judge, correct_images
from hwcore.pipeline.parts.offer import Offer, make_offer
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import (
    EFFECTS,
    SENSITIVITY_CHIPS,
    CompileJob,
    Condition,
    Look,
    everything,
    looks,
    over_time,
    shared_by_layers,
    target_source,
    trained_through_wires,
)

CALIBRATION_IMAGES = 500
"""Training images that converters, the compensation of drift and chips are calibrated on."""


@dataclass(frozen=True, eq=False)
class AsBuilt:
    """What the chips as built said.

    Attributes:
        rungs: of the ladder, from `programming` on.
        target: accuracy from which a chip counts as good, and where it comes from.
        over_time: where time changes something, the accuracy at every time; else empty.
        costs: what each effect costs, the dearest first.
        sensitivity: for every layer the accuracy where it alone has the effects; empty where nothing does.
        clipped: for every layer, of its conversions on the test images, how many there were and how many were beyond
            the last code; empty without converters.
        converters: the range of the converters with its accuracy, and what the other range would have given; None where
            nobody looks at converters.
        elsewhere: tasks whose results came from elsewhere.
        earlier: tasks that an earlier attempt had done.
        logits_with_wires: of the chip as designed on its lines; None where nothing was looked at through wires.
    """

    rungs: list[dict[str, Any]]
    target: dict[str, Any]
    over_time: list[dict[str, Any]]
    costs: list[dict[str, Any]]
    sensitivity: list[dict[str, Any]]
    clipped: list[dict[str, int]]
    converters: dict[str, Any] | None
    elsewhere: int = 0
    earlier: int = 0
    logits_with_wires: Float64[Tensor, "images classes"] | None = None


def judge_of(job: CompileJob, mapped: MappedNetwork, data: JobData, pace: Pace, offer: Offer | None = None) -> Judge:
    """Who judges the chips of a resolved job; arguments as for `judge_as_built`."""
    test, codes = data.chip.test, data.chip.training.codes[:CALIBRATION_IMAGES].cpu()
    foundry = Foundry(
        mapped,
        job.described_hardware,
        seed=job.training.seed,
        codes=codes,
        lsb=test.lsb,
        trained_through_wires=trained_through_wires(job),
    )
    return Judge(foundry, test, pace, offer)


def judge_as_built(
    job: CompileJob,
    mapped: MappedNetwork,
    data: JobData,
    designed: int,
    pace: Pace,
    offer: Offer | None = None,
    keeper: Keeper | None = None,
) -> AsBuilt:
    """Draw chips and look at them as the job asks.

    Args:
        job: resolved.
        mapped: what is written to them.
        data: test images to judge by, training images to calibrate on.
        designed: test images that the arrays as designed classify right.
        pace: told of every chip.
        offer: where drawn chips are offered to others; None: all are computed here.
        keeper: of the chips that an earlier attempt judged; None: all are judged.
    """
    test, chips = data.chip.test, job.evaluation.chips
    judge = judge_of(job, mapped, data, pace, offer)
    keeping = keeper if keeper is not None and keeper.checkpoints is not None else None
    if offer is not None or keeping is not None:
        bundle = Bundle(job, mapped, judge.images_sha256())
        if keeping is not None:
            judge = replace(judge, judged=keeping.chips(bundle))
        if offer is not None:
            make_offer(offer, bundle, without=judge.judged.before)
    asked = looks(job)
    nothing = Condition.of([], asked[0].condition.seconds)
    known = {nothing: [designed]}
    found = {**judge.correct((look.condition for look in asked if look.condition not in known), chips), **known}

    count = len(test)
    wired = Condition.of(["wires"], asked[0].condition.seconds)
    reference = found[wired][0] if trained_through_wires(job) else designed
    target = target_accuracy(job.evaluation.target_accuracy, reference / count)
    source = target_source(job)
    rungs = []
    for look in asked:
        if look.on_ladder:
            rungs.append(_rung(look, found[look.condition], count, chips, target))
            _annotate(job, rungs[-1], look)
    return AsBuilt(
        rungs,
        {"target_accuracy": target, "target_accuracy_source": source},
        _over_time(job, asked, found, count, chips),
        costs(rungs, reference / count),
        _sensitivity(job, judge, everything(asked), designed),
        _clipped(judge.foundry, job, data, asked),
        _converters(judge, asked, found),
        len(judge.elsewhere),
        len(judge.earlier),
        _logits_with_wires(judge.foundry, data, asked),
    )


def _rung(look: Look, correct: list[int], count: int, chips: int, target: float) -> dict[str, Any]:
    if look.condition.drawn or look.empty:
        return chips_rung(look.stage.text, correct, count, chips, target)
    return rung(look.stage.text, correct[0], count)


def _annotate(job: CompileJob, rung: dict[str, Any], look: Look) -> None:
    """Say what a rung does not show by itself."""
    notes = ["through the wires, which the training included"] if trained_through_wires(job) else []
    if job.described_hardware.calibrated and look.condition.effects:
        notes.append("columns calibrated once, after the write")
    if look.empty and look.effect is not None:
        rung["yield_ci95"] = None
        row = EFFECTS[look.effect]
        missing = row.model(job.described_hardware) is None
        why = f"{'the description' if missing else 'evaluation.effects'} has no {row.title}"
        notes.append(f"{why}: every chip is as designed, and none was drawn")
    if notes:
        rung["note"] = "; ".join(notes)


def _over_time(
    job: CompileJob, asked: list[Look], found: dict[Condition, list[int]], count: int, chips: int
) -> list[dict[str, Any]]:
    """Everything that was looked at at several times, with and without compensation."""
    drift = job.described_hardware.noise.drift
    said = []
    for look in asked:
        if look.stage.seconds is None or not over_time(job):
            continue
        images = np.array(found[look.condition], dtype=np.float64)
        compensated = drift is not None and look.condition.compensated and "drift" in look.condition.effects
        said.append(
            {
                "seconds": look.condition.seconds,
                "stage": look.stage.name,
                "compensation": drift.compensation if drift is not None and compensated else "none",
                "accuracy": float(images.mean()) / count,
                "std": float(images.std(ddof=1)) / count if len(images) > 1 else None,
                "p05": float(np.percentile(images, 5)) / count,
                "chips": len(images),
            }
        )
    return said


def _sensitivity(job: CompileJob, judge: Judge, condition: Condition, designed: int) -> list[dict[str, Any]]:
    """Which layer suffers most: each alone with all effects, the others with those alone that all layers share."""
    if not condition.effects:
        return []
    shared = shared_by_layers(job, condition)
    count = len(judge.test)
    base = judge.correct([shared], 1)[shared][0] if shared.effects else designed
    said = []
    for correct in judge.in_each_layer(min(job.evaluation.chips, SENSITIVITY_CHIPS), shared, condition):
        images = np.array(correct, dtype=np.float64)
        said.append(
            {
                "accuracy": float(images.mean()) / count,
                "accuracy_lost": (base - float(images.mean())) / count,
                "std": float(images.std(ddof=1)) / count if len(images) > 1 else None,
                "chips": len(images),
            }
        )
    return said


def _clipped(foundry: Foundry, job: CompileJob, data: JobData, asked: list[Look]) -> list[dict[str, int]]:
    """Conversions of the chip as designed on the test images, calibrated where chips are, and how many were clipped."""
    effects = everything(asked).effects
    if "adc" not in effects:
        return []
    chip = foundry.chip(0, Condition.of(effects & {"adc", "wires"}))
    layers = foundry.network.layers
    counts = [torch.zeros(len(layer.grid.row_blocks), layer.g_pos.shape[1], dtype=torch.int64) for layer in layers]
    test = data.chip.test
    array_logits(foundry.network, chip, test.codes.cpu(), test.lsb, clipped=counts)
    cycles = [job.described_hardware.input.bits or 1 if job.described_hardware.input.bit_serial else 1]
    cycles += [1] * (len(layers) - 1)
    return [
        {"conversions": len(test) * layer.positions * counted.numel() * cycle, "clipped": int(counted.sum())}
        for layer, counted, cycle in zip(layers, counts, cycles, strict=True)
    ]


def _converters(judge: Judge, asked: list[Look], found: Found) -> dict[str, Any] | None:
    """What the range of the converters gives on the rung `adc`, and what the other range would have given.

    No chip is drawn for it: converters are the same on all chips.
    """
    adc = judge.foundry.hardware.adc
    alone = next((look.condition for look in asked if look.effect == "adc"), None)
    if adc is None or alone is None:
        return None
    other = adc.other_range()
    chip = judge.foundry.with_converters(adc.model_copy(update={"range": other})).chip(0, alone)
    correct, count = correct_images(judge.foundry.network, chip, judge.test), len(judge.test)
    judge.pace.step(judge.pace.chip, "evaluation", f"adc with range {other.type}: {correct / count:.4f}")
    return {
        "range": adc.range.model_dump(mode="json"),
        "accuracy": found[alone][0] / count,
        "other_range": {**other.model_dump(mode="json"), "accuracy": correct / count},
    }


def _logits_with_wires(foundry: Foundry, data: JobData, asked: list[Look]) -> Float64[Tensor, "images classes"] | None:
    """Of the test images, in float64: every cell as designed, nothing converted, calibrated or drawn."""
    if not any("wires" in look.condition.effects for look in asked):
        return None
    test = data.chip.test
    return array_logits(foundry.network, foundry.reference(wired=True), test.codes.cpu(), test.lsb)
