"""Layers in a report: the size of each on its arrays, its weights, and the accuracy where it alone has all effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from hwcore.layers import CellLayer
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.report.converters import Conversions
from hwcore.report.measure import Measure
from hwcore.report.statistics import Spread
from hwcore.spec import Hardware


@dataclass(frozen=True)
class LayerAlone:
    """Accuracy of chips where one layer has all effects, and the others only those that all chips share.

    Attributes:
        accuracy: mean over the chips.
        accuracy_lost: against the chip where no layer has more than the shared effects.
        std: sample standard deviation over the chips; None for one chip.
        chips: number of chips.
    """

    accuracy: float
    accuracy_lost: float
    std: float | None
    chips: int

    @staticmethod
    def of(correct: Sequence[int], base: int, by: Measure | int) -> LayerAlone:
        """Accuracy of chips with these tallies by some measure, a number being that of the images, against `base`."""
        measure = Measure.of(by)
        spread = Spread.of(correct, measure.divisor, falls=measure.falls)
        lost = measure.value(measure.lost(base, sum(correct) / len(correct)))
        return LayerAlone(spread.accuracy, lost, spread.std, len(correct))

    def to_json(self) -> dict[str, Any]:
        """Entry `alone` of a layer in report.json."""
        return {
            "accuracy": self.accuracy,
            "accuracy_lost": self.accuracy_lost,
            "std": self.std,
            "chips": self.chips,
        }


@dataclass(frozen=True)
class LayerSummary:
    """One layer of the network on its arrays.

    Attributes:
        name: "conv1", "fc1", ...
        kind: dense or conv.
        positions: products of the array per image.
        rows, cols: word lines and pairs of bit lines of the whole layer; with groups the word lines of each of them.
        bias: digital or array_row.
        tiles: number of tiles.
        cells: of both components.
        utilisation: share of the cells of its tiles that the layer uses.
        level_counts_pos, level_counts_neg: cells at each level, those that no cell is at included.
        clipped_weights: share of the latent weights outside the representable range.
        scale_smallest, scale_largest: smallest and largest |scale| of a column, 1/S.
        activation_range: largest output of the quantised activation; None: there is none.
        conversions: of the chip as designed; None without converters.
        alone: accuracy where the layer alone has all effects; None without effects.
    """

    name: str
    kind: str
    positions: int
    rows: int
    cols: int
    bias: str
    tiles: int
    cells: int
    utilisation: float
    level_counts_pos: tuple[int, ...]
    level_counts_neg: tuple[int, ...]
    clipped_weights: float
    scale_smallest: float
    scale_largest: float
    activation_range: float | None
    conversions: Conversions | None
    alone: LayerAlone | None

    @staticmethod
    def of(
        network: MappedNetwork,
        mapped: MappedLayer,
        trained: CellLayer,
        hardware: Hardware,
        conversions: Conversions | None = None,
        alone: LayerAlone | None = None,
    ) -> LayerSummary:
        """Summary of a layer.

        Args:
            network: that the layer is part of.
            mapped: on its arrays.
            trained: the same layer with its latent weights and the levels of its cells.
            hardware: size of an array.
            conversions, alone: from the chips, where they were looked at.
        """
        digital, tables = mapped.digital, trained.levels.tables
        activation = network.activation_behind(mapped.name)
        pairs = [array.pairs for array in mapped.arrays]
        tiles, weights = sum(array.grid.count for array in mapped.arrays), len(pairs) * mapped.rows * mapped.cols
        return LayerSummary(
            name=mapped.name,
            kind=mapped.plan.kind,
            positions=mapped.plan.positions,
            rows=mapped.rows,
            cols=mapped.cols,
            bias="digital" if mapped.bias_drive is None else "array_row",
            tiles=tiles,
            cells=2 * weights,
            utilisation=weights / (tiles * hardware.array.rows * hardware.array.cols),
            level_counts_pos=_level_counts([each.code_pos for each in pairs], len(tables.g_pos)),
            level_counts_neg=_level_counts([each.code_neg for each in pairs], len(tables.g_neg)),
            clipped_weights=_clipped_weights(trained),
            scale_smallest=float(digital.scale.abs().min()),
            scale_largest=float(digital.scale.abs().max()),
            activation_range=None if activation is None else activation.largest_level,
            conversions=conversions,
            alone=alone,
        )

    def to_json(self) -> dict[str, Any]:
        """Entry of `layers` in report.json."""
        return {
            "name": self.name,
            "kind": self.kind,
            "positions": self.positions,
            "rows": self.rows,
            "cols": self.cols,
            "bias": self.bias,
            "tiles": self.tiles,
            "cells": self.cells,
            "utilisation": self.utilisation,
            "level_counts_pos": list(self.level_counts_pos),
            "level_counts_neg": list(self.level_counts_neg),
            "clipped_weights": self.clipped_weights,
            "scale_smallest": self.scale_smallest,
            "scale_largest": self.scale_largest,
            "scale_unit": "1/S",
            "activation_range": self.activation_range,
            "adc": None if self.conversions is None else self.conversions.to_json(),
            "alone": None if self.alone is None else self.alone.to_json(),
        }


def _level_counts(codes: Sequence[UInt8[Tensor, "rows cols"]], levels: int) -> tuple[int, ...]:
    return tuple(torch.bincount(torch.cat([each.reshape(-1) for each in codes]).long(), minlength=levels).tolist())


def _clipped_weights(trained: CellLayer) -> float:
    values, theta = trained.staircase.exact, trained.theta.detach().double()
    return float(((theta < values[0]) | (theta > values[-1])).double().mean())
