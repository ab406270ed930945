"""Test images that one chip has right, or another tally of them, in the precision that its errors allow."""

from __future__ import annotations

import torch

from hwcore.crossbar import Chip, ChipArray, array_logits, as_designed
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.tally import tally
from hwcore.training import Examples


def correct_images(network: MappedNetwork, chip: Chip, test: Examples) -> int:
    """Count the test images that a chip classifies right, in the precision of `in_its_precision`; or `tally` them."""
    return tally(array_logits(network, in_its_precision(network, chip), test.codes.cpu(), test.lsb), test)


def in_its_precision(network: MappedNetwork, chip: Chip) -> Chip:
    """Convert a chip to single precision where that cannot change a result by more than its own errors do.

    That is where every array is off its levels, so that no two sums are equal but for their last bit: the errors of a
    chip are a thousand times those of the arithmetic, or more. A chip as designed stays in double precision, and so
    does one with a variance of reads, or a network with a scale, that single precision cannot hold.
    """
    single = _off_levels(network, chip) and not any(map(_underflows, chip.arrays())) and _holds_scales(network)
    return chip.to(torch.float32) if single else chip


def _off_levels(network: MappedNetwork, chip: Chip) -> bool:
    pairs = zip(chip.arrays(), as_designed(network).arrays(), strict=True)
    return all(_share_off(array, designed) > 0.5 for array, designed in pairs)


def _holds_scales(network: MappedNetwork) -> bool:
    """Tell whether every product with a scale is a number of single precision, though its currents reach 1e6 S."""
    return all(
        float(layer.digital.scale.abs().max()) < torch.finfo(torch.float32).max * 1e-6 for layer in network.layers
    )


def _underflows(array: ChipArray) -> bool:
    variance = array.read_variance
    if variance is None:
        return False
    return bool(((variance > 0) & (variance < torch.finfo(torch.float32).tiny)).any())


def _share_off(array: ChipArray, designed: ChipArray) -> float:
    """Share of the pairs of an array that are not exactly on their levels, or not always."""
    off = array.g_difference != designed.g_difference
    if array.read_variance is not None:
        off |= array.read_variance > 0
    return float(off.double().mean())
