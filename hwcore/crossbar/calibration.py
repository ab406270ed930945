"""Calibration of a chip after its write: a digital gain and offset for every column, from currents for known images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from jaxtyping import Float64, UInt8
from torch import Tensor

from hwcore.crossbar.chip import Chip, ColumnCalibration
from hwcore.crossbar.images_that_fit import images_that_fit
from hwcore.crossbar.network import chip_current, layer_drive, layer_output, simulated_at_once
from hwcore.mapping import MappedNetwork

Currents = Float64[Tensor, "_products _cols"]
STEADY = 1e-9
"""Share of what it was to move by, or of itself, below which a current does not move: nothing can be told from it."""
FEWEST_PRODUCTS = 20
"""Of fewer products there is no gain: two or three are met exactly, whatever else that does."""
MOST_CURRENTS, FEWEST_IMAGES = 1 << 22, 64
"""Currents of a layer in all images, 34 MB, and some five times that while they are fitted. Where a layer of many
positions and columns has more, the chip is calibrated on fewer images, but not on fewer than these."""


def fit_columns(
    measured: Float64[Tensor, "products cols"], designed: Float64[Tensor, "products cols"]
) -> ColumnCalibration:
    """gain_j and offset_j that minimise sum_n (gain_j I_nj + offset_j - D_nj)^2, for every column on its own.

        gain = cov(I, D) / var(I),  offset = mean(D) - gain mean(I)

    A column whose current does not move (every cell of it is stuck, or nothing drives it) keeps a gain of 1, and has
    its mean set right; so do all columns where there are fewer than 20 products.

    Args:
        measured: I, currents that the chip gives for some products, any unit.
        designed: D, those of the chip as designed for the same images, same unit.

    Returns:
        gain, without unit, of any sign; offset, in the unit of the currents.

    Source: ordinary least squares. Gain and offset of every column after the write: M. Le Gallo et al. 2023,
    doi:10.1038/s41928-023-01010-1; statistics of every chip in the place of those of training: V. Joshi et al. 2020,
    doi:10.1038/s41467-020-16108-9.
    """
    mean, target = measured.mean(0), designed.mean(0)
    if len(measured) < FEWEST_PRODUCTS:
        return ColumnCalibration(torch.ones_like(mean), target - mean)
    apart, wanted = measured - mean, designed - target
    variance = apart.square().mean(0)
    least = STEADY * torch.maximum(wanted.square().mean(0).sqrt(), mean.abs())
    moves = variance.sqrt() > least
    gain = torch.where(moves, (apart * wanted).mean(0) / torch.where(moves, variance, 1.0), 1.0)
    return ColumnCalibration(gain, target - gain * mean)


@torch.no_grad()
def designed_currents(
    network: MappedNetwork, designed: Chip, codes: UInt8[Tensor, "images inputs"], lsb: float
) -> list[Currents]:
    """Currents of every layer that chips are calibrated to.

    Args:
        network: the digital part, and where the arrays are cut.
        designed: the chip that the others are to be like, without read noise and converters.
        codes: DAC codes of the images; only as many of them are used as `MOST_CURRENTS` allows.
        lsb: input of code 1.
    """
    parts, found = _inputs(network, codes, lsb), []
    for layer, cells in zip(network.layers, designed.layers, strict=True):
        currents = [chip_current(layer_drive(x, layer), cells, layer, None) for x in parts]
        found.append(torch.cat(currents))
        parts = [layer_output(current, layer) for current in currents]
    return found


@torch.no_grad()
def calibrate(
    network: MappedNetwork,
    chip: Chip,
    codes: UInt8[Tensor, "images inputs"],
    lsb: float,
    designed: Sequence[Currents],
) -> list[ColumnCalibration]:
    """Calibrate one chip from its first layer to its last: each is driven by what the calibrated ones before it give.

    What is measured is what the digital side sees, through wires and converters, but of currents without read noise.

    Args:
        network: the digital part, and where the arrays are cut.
        chip: in float64; its read noise, and a calibration that it has, are not used.
        codes: DAC codes of the images that `designed` is of.
        lsb: input of code 1.
        designed: currents to be like, of every layer, from `designed_currents`.
    """
    parts, found = _inputs(network, codes, lsb), []
    for layer, cells, wanted in zip(network.layers, chip.layers, designed, strict=True):
        exact = replace(cells, read_variance=None, calibration=None)
        currents = [chip_current(layer_drive(x, layer), exact, layer, None) for x in parts]
        found.append(fit_columns(torch.cat(currents), wanted))
        parts = [layer_output(found[-1](current), layer) for current in currents]
    return found


def _inputs(network: MappedNetwork, codes: UInt8[Tensor, "images inputs"], lsb: float) -> list[Tensor]:
    """The images that chips are calibrated on, as many at once as are simulated at once."""
    per_image = (layer.positions * layer.g_pos.shape[1] for layer in network.layers)
    chosen = codes[: max(FEWEST_IMAGES, images_that_fit(per_image, len(codes), MOST_CURRENTS))]
    at_once = simulated_at_once(network)
    return [chosen[i : i + at_once].double() * lsb for i in range(0, len(chosen), at_once)]
