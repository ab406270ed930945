"""Converters of the chips as built: conversions beyond their range, and the other range that they could have."""

from __future__ import annotations

import torch
from torch import Tensor

from hwcore.crossbar import Foundry, array_logits
from hwcore.mapping import MappedLayer
from hwcore.pipeline.parts.correct_images import correct_images
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.judge import Found, Judge
from hwcore.report import Conversions, ConverterRanges
from hwcore.spec import Condition, Look, everything


def clipped_conversions(foundry: Foundry, data: JobData, asked: list[Look]) -> dict[str, Conversions]:
    """Conversions of the chip as designed on the test images, calibrated where chips are.

    Args:
        foundry: of the chips.
        data: has the test images.
        asked: all looks.

    Returns:
        By name of the layer; nothing where no look has converters.
    """
    together = everything(asked)
    if "adc" not in together.effects:
        return {}
    chip, test = foundry.chip(0, Condition.of(together.alike)), data.chip.test
    layers = foundry.network.layers
    counts = {
        layer.name: [torch.zeros(len(array.grid.row_blocks), layer.cols, dtype=torch.int64) for array in layer.arrays]
        for layer in layers
    }
    array_logits(foundry.network, chip, test.codes.cpu(), test.lsb, clipped=counts)
    return {layer.name: _conversions(layer, len(test), counts[layer.name]) for layer in layers}


def _conversions(layer: MappedLayer, images: int, clipped: list[Tensor]) -> Conversions:
    converters = sum(each.numel() for each in clipped)
    products = images * layer.plan.positions * layer.drive.conversions
    return Conversions(products * converters, int(sum(each.sum() for each in clipped)))


def converter_ranges(judge: Judge, asked: list[Look], found: Found) -> ConverterRanges | None:
    """Accuracy of the rung `adc` with the range of the converters, and with the other kind of range.

    No chip is drawn for it: converters are the same on all chips.

    Args:
        judge: of the chips.
        asked: all looks.
        found: correct images of every look.

    Returns:
        None where no rung has converters alone.
    """
    adc = judge.foundry.hardware.adc
    alone = next((look.condition for look in asked if look.effect == "adc"), None)
    if adc is None or alone is None:
        return None
    other = adc.other_range()
    chip = judge.foundry.with_converters(adc.model_copy(update={"range": other})).chip(0, alone)
    measure = judge.measure
    other_accuracy = measure.value(correct_images(judge.foundry.network, chip, judge.test))
    judge.pace.step(judge.pace.chip, "evaluation", f"adc with range {other.type}: {other_accuracy:.4f}")
    own, replaced = (each.model_dump(mode="json") for each in (adc.range, other))
    return ConverterRanges(own, measure.value(found[alone][0]), replaced, other_accuracy)
