"""report.json: the answers to the questions that a chip team asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from hwcore.layers import CellLayer, HardwareNetwork
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.pipeline.evaluate import Evaluated
from hwcore.pipeline.parts.as_built import AsBuilt
from hwcore.pipeline.parts.data import JobData
from hwcore.spec import CompileJob, JobWarning, component_tables, reference_stage
from hwcore.training import EpochRecord

FORMAT = "mho.report/1"
_RANGES = (
    "accuracy of the rung adc, and of the same chip with the other range of its converters; training that is aware of "
    "the converters had the first"
)


def build_report(
    job: CompileJob,
    data: JobData,
    evaluated: Evaluated,
    network: HardwareNetwork,
    mapped: MappedNetwork,
    curves: dict[str, list[EpochRecord]],
    warnings: Sequence[JobWarning],
) -> dict[str, Any]:
    """Put the report together. It holds nothing that differs between two runs of the same job: see manifest.json."""
    array, built = job.described_hardware.array, evaluated.built
    tables = component_tables(job.described_hardware.cell)
    levels = len(tables.g_pos), len(tables.g_neg)
    return {
        "format": FORMAT,
        "name": job.name,
        "labels": dict(job.labels),
        "dataset": {
            "name": data.dataset.name,
            "split": data.dataset.split,
            "training_images": len(data.plain.training),
            "held_out_images": len(data.plain.validation),
            "test_images": len(data.plain.test),
        },
        "warnings": [asdict(warning) for warning in warnings],
        "method": job.training.method,
        "seed": job.training.seed,
        "ladder": evaluated.ladder,
        **built.target,
        "rounding": {
            "note": "accuracy of the floating-point network rounded to the hardware, by how its scales were chosen; "
            "the rung `rounded` is full_range",
            **evaluated.rounding,
        },
        "mapping": {
            "note": "arrays against the trained network with hard values, on every test image",
            "largest_relative_difference": evaluated.agreement.largest,
            "predictions_identical": evaluated.agreement.identical,
        },
        "over_time": built.over_time,
        "costs": {
            "note": "accuracy of the rung hardware_aware (of a network that was trained through the wires: of the rung "
            "wires) less that of each rung of an effect, the dearest first; standard_error and ci95 are its scatter "
            "over the drawn chips, and below_scatter says that ci95 holds 0: so many chips do not show that effect",
            "reference": reference_stage(job),
            "effects": built.costs,
        },
        "adc": None if built.converters is None else {"note": _RANGES, **built.converters},
        "layers": [
            {**_layer(layer, linear, array.rows * array.cols, levels), **_as_built(built, number)}
            for number, (layer, linear) in enumerate(zip(mapped.layers, network.linear, strict=True))
        ],
        "curves": {stage: [asdict(record) for record in records] for stage, records in curves.items()},
    }


def _layer(layer: MappedLayer, linear: torch.nn.Module, array_cells: int, levels: tuple[int, int]) -> dict[str, Any]:
    rows, cols = layer.g_pos.shape
    activation = layer.activation
    return {
        "name": layer.name,
        "kind": "dense" if layer.window is None else "conv",
        "positions": layer.positions,
        "rows": rows,
        "cols": cols,
        "bias": "digital" if layer.bias_drive is None else "array_row",
        "tiles": layer.grid.count,
        "cells": 2 * rows * cols,
        "utilisation": rows * cols / (layer.grid.count * array_cells),
        "level_counts_pos": _counts(layer.code_pos, levels[0]),
        "level_counts_neg": _counts(layer.code_neg, levels[1]),
        "clipped_weights": _clipped(linear),
        "scale_smallest": float(layer.scale.abs().min()),
        "scale_largest": float(layer.scale.abs().max()),
        "scale_unit": "1/S",
        "activation_range": None if activation is None or activation.levels is None else activation.full_scale,
    }


def _as_built(built: AsBuilt, number: int) -> dict[str, Any]:
    """What the chips as built say of one layer; null where there is nothing to say."""
    return {
        "adc": built.clipped[number] if built.clipped else None,
        "alone": built.sensitivity[number] if built.sensitivity else None,
    }


def _counts(codes: UInt8[Tensor, "rows cols"], levels: int) -> list[int]:
    """Cells at each level: one number a level, those that no cell is at included."""
    counts: list[int] = torch.bincount(codes.reshape(-1).long(), minlength=levels).tolist()
    return counts


def _clipped(linear: torch.nn.Module) -> float:
    """Share of the latent weights outside what is representable."""
    if not isinstance(linear, CellLayer):
        raise TypeError(f"got {type(linear).__name__}; allowed: HardwareLinear, HardwareConv2d")
    values, theta = linear.staircase.exact, linear.theta.detach().double()
    return float(((theta < values[0]) | (theta > values[-1])).double().mean())
