"""tiles.json: where each part of a layer lies, and the digital arithmetic around the arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwcore.export.text import write_json
from hwcore.mapping import MappedActivation, MappedLayer, MappedNetwork
from hwcore.spec import Array, Hardware, Window
from hwcore.wires import Wires


def write_tiles(
    path: Path, network: MappedNetwork, hardware: Hardware, *, input_bits: int | None, input_full_scale: int, lsb: float
) -> None:
    """Write placement, scales, biases and ranges.

    Args:
        path: the file.
        network: what is placed.
        hardware: for the array, its size and its lines.
        input_bits: of the first DAC, or None.
        input_full_scale: the largest pixel.
        lsb: input of DAC code 1; full scale is the input 1.
    """
    write_json(
        path,
        {
            "format": "mho.tiles/1",
            "array": _array(hardware.array),
            "input": {
                "bits": input_bits,
                "pixel_full_scale": input_full_scale,
                "codes": input_full_scale + 1 if input_bits is None else 2**input_bits,
                "lsb": lsb,
            },
            "layers": [_layer(layer) for layer in network.layers],
        },
    )


def _array(array: Array) -> dict[str, Any]:
    """Size, lines, layout and voltage; nothing is left to a default."""
    wires = Wires.described(array)
    return {
        "rows": array.rows,
        "cols": array.cols,
        "wire_resistance": {"word": wires.r_word, "bit": wires.r_bit},
        "driver_resistance": wires.r_driver,
        "sense_resistance": wires.r_sense,
        "resistance_unit": "ohm",
        "pair_layout": array.pair_layout or "separate",
        "read_voltage": array.read_voltage,
        "read_voltage_unit": "V",
    }


def _layer(layer: MappedLayer) -> dict[str, Any]:
    rows, cols = layer.g_pos.shape
    return {
        "name": layer.name,
        "kind": "dense" if layer.window is None else "conv",
        "window": None if layer.window is None else _window(layer.window, cols),
        "rows": rows,
        "cols": cols,
        "inputs": layer.inputs,
        "bias_row": None if layer.bias_drive is None else {"row": layer.inputs, "drive": layer.bias_drive},
        "scale": layer.scale.tolist(),
        "scale_unit": "1/S",
        "bias": layer.bias.tolist(),
        "activation": None if layer.activation is None else _activation(layer.activation),
        "tiles": [
            {"name": f"{layer.name}_{i}_{j}", "row_start": r[0], "row_stop": r[1], "col_start": c[0], "col_stop": c[1]}
            for i, r in enumerate(layer.grid.row_blocks)
            for j, c in enumerate(layer.grid.col_blocks)
        ],
    }


def _window(window: Window, cols: int) -> dict[str, Any]:
    return {
        "in_shape": [window.channels, window.height, window.width],
        "kernel": window.kernel,
        "stride": window.stride,
        "padding": window.padding,
        "map_shape": [cols, *window.map],
        "pool": None if window.pool is None else {"type": window.pool.type, "size": window.pool.size},
        "out_shape": [cols, *window.pooled],
    }


def _activation(activation: MappedActivation) -> dict[str, Any]:
    return {
        "function": activation.function,
        "levels": None if activation.levels is None else activation.levels.tolist(),
        "thresholds": None if activation.thresholds is None else activation.thresholds.tolist(),
    }
