"""Calibration of a chip after its write: a digital gain and offset for every column, from currents for known images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import torch
from jaxtyping import Float64, Integer
from torch import Tensor

from hwcore.crossbar.chip import Chip, ColumnCalibration
from hwcore.crossbar.images_that_fit import images_that_fit
from hwcore.crossbar.layer_current import layer_current
from hwcore.crossbar.network import simulated_at_once
from hwcore.crossbar.recurrence import Recurrence
from hwcore.crossbar.walk import walk
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.spec import Condition, Hardware, first_time

Currents = Float64[Tensor, "_products _cols"]
STEADY = 1e-9
"""Share of the designed spread, or of the mean, below which a current counts as constant: no gain follows from it."""
FEWEST_PRODUCTS = 20
"""Products below which there is no gain: two or three are met exactly, whatever that does to all others."""
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
    network: MappedNetwork, designed: Chip, codes: Integer[Tensor, "images inputs"], lsb: float
) -> dict[str, Currents]:
    """Currents of every layer, by its name, that chips are calibrated to.

    Args:
        network: the digital part, and where the arrays are cut.
        designed: the chip that the others are to be like, without read noise and converters.
        codes: DAC codes of the images; only as many of them are used as `MOST_CURRENTS` allows.
        lsb: input of code 1.
    """
    found: dict[str, list[Tensor]] = {}

    def currents(layer: MappedLayer, drives: Iterator[Tensor]) -> Iterable[Tensor]:
        found[layer.name] = []
        for drive in drives:
            found[layer.name].append(layer_current(drive, layer, designed.layers[layer.name]))
            yield found[layer.name][-1]

    walk(network, _inputs(network, codes, lsb), currents)
    return {name: torch.cat(parts) for name, parts in found.items()}


@torch.no_grad()
def calibrate(
    network: MappedNetwork,
    chip: Chip,
    codes: Integer[Tensor, "images inputs"],
    lsb: float,
    designed: Mapping[str, Currents],
) -> dict[str, ColumnCalibration]:
    """Calibrate one chip from its first layer to its last: each is driven by what the calibrated ones before it give.

    A recurrent array is measured with the states of the designed one, so that both are driven alike.
    Measured are the currents that the digital side sees, through wires and converters, but without read noise.

    Args:
        network: the digital part, and where the arrays are cut.
        chip: in float64; its read noise, and a calibration that it has, are not used.
        codes: DAC codes of the images that `designed` is of.
        lsb: input of code 1.
        designed: currents to be like, by name of the layer, from `designed_currents`.

    Returns:
        The calibration of every layer, by its name.
    """
    found: dict[str, ColumnCalibration] = {}

    def currents(layer: MappedLayer, drives: Iterator[Tensor]) -> Iterable[Tensor]:
        measured = chip.layers[layer.name].measured()
        if isinstance(drives, Recurrence):
            met = [layer_current(drive, layer, measured) for drive in drives.under(designed[layer.name])]
            fit = found[layer.name] = fit_columns(torch.cat(met), designed[layer.name])
            return (fit(layer_current(drive, layer, measured)) for drive in drives)
        parts = [layer_current(drive, layer, measured) for drive in drives]
        found[layer.name] = fit_columns(torch.cat(parts), designed[layer.name])
        return map(found[layer.name], parts)

    walk(network, _inputs(network, codes, lsb), currents)
    return found


def calibrated_when(condition: Condition, hardware: Hardware) -> Condition:
    """The condition under which chips of this condition were calibrated: once, after the write.

    That is the first time at which all models hold. Drift is compensated by then only if it has begun.

    Args:
        condition: effects, and whether drift is compensated.
        hardware: the models of the description.
    """
    drift, first = condition.drift(hardware), first_time(hardware)
    drifted = drift is not None and first is not None and first > drift.t0
    return Condition(
        condition.effects - {"read"},
        condition.seconds if first is None else first,
        compensated=condition.compensated and drifted,
    )


def _inputs(network: MappedNetwork, codes: Integer[Tensor, "images inputs"], lsb: float) -> list[Tensor]:
    """The images that chips are calibrated on, as many at once as are simulated at once."""
    per_image = (layer.plan.positions * layer.cols for layer in network.layers)
    chosen = codes[: max(FEWEST_IMAGES, images_that_fit(per_image, len(codes), MOST_CURRENTS))]
    at_once = simulated_at_once(network)
    return [chosen[i : i + at_once].double() * lsb for i in range(0, len(chosen), at_once)]
