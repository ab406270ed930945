"""tiles.json: the place of each part of a layer, and the digital arithmetic around the arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hwcore.converters import largest_input_code
from hwcore.export.results import Results
from hwcore.export.text import write_json
from hwcore.mapping import MappedActivation, MappedLayer, MappedNetwork, MappedNormalization
from hwcore.spec import Array, MapPool, Node, Stateless, Window, is_chain
from hwcore.wires import Wires


def write_tiles(path: Path, results: Results) -> None:
    """Write the array, the DAC, and per layer placement, scales, biases and ranges."""
    hardware = results.job.described_hardware
    write_json(
        path,
        {
            "format": "mho.tiles/1",
            "array": _array(hardware.array),
            "input": _input(results),
            "layers": [
                _layer(results.network, layer, coded=hardware.drive is not None) for layer in results.network.layers
            ],
            **_graph(results.network),
        },
    )


def _input(results: Results) -> dict[str, Any]:
    """The DAC; `signed` and `normalization` only where inputs have them."""
    bits, full_scale = results.job.described_hardware.input.bits, results.pixel_full_scale
    largest = largest_input_code(full_scale, bits, signed=results.signed)
    return {
        "bits": bits,
        "pixel_full_scale": full_scale,
        "codes": 2 * largest + 1 if results.signed else largest + 1,
        "lsb": results.test.lsb,
        **({"signed": True} if results.signed else {}),
        **({} if results.normalization is None else {"normalization": asdict(results.normalization)}),
    }


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


def _layer(network: MappedNetwork, layer: MappedLayer, *, coded: bool) -> dict[str, Any]:
    digital, activation = layer.digital, network.activation_behind(layer.name)
    pool = network.graph.tail(layer.name).pool
    return {
        "name": layer.name,
        "kind": layer.plan.kind,
        "window": _window(layer.plan.window, layer.cols, pool) if layer.plan.window.moves else None,
        "rows": layer.rows,
        "cols": layer.cols,
        "inputs": layer.plan.inputs,
        **({"drive": _drive(layer)} if coded else {}),
        "bias_row": None if layer.bias_drive is None else {"row": layer.rows - 1, "drive": layer.bias_drive},
        "scale": digital.scale.tolist(),
        "scale_unit": "1/S",
        "bias": digital.bias.tolist(),
        "activation": None if activation is None else _activation(activation),
        **_packing(network, layer),
        "tiles": [
            {
                "name": name,
                "row_start": rows.start,
                "row_stop": rows.stop,
                "col_start": cols.start,
                "col_stop": cols.stop,
            }
            for array in layer.arrays
            for name, rows, cols in array.tiles()
        ],
    }


def _packing(network: MappedNetwork, layer: MappedLayer) -> dict[str, Any]:
    """Groups that share a tile, and the cells beside them; nothing where none does."""
    grid = layer.arrays[0].grid
    first, last = grid.col_blocks[0]
    shared = grid.groups_on(last - first)
    idle = {"g_pos": network.g_min_pos, "g_neg": network.g_min_neg, "unit": "S"}
    return {} if shared == 1 else {"packing": {"groups": shared, "idle": idle}}


def _drive(layer: MappedLayer) -> dict[str, Any]:
    """Coding of the inputs of a layer, where the description says one."""
    drive, second = layer.drive, layer.arrays[0].second
    return {
        "limit": drive.limit,
        "signed": drive.signed,
        "bits": drive.bits,
        "signs": drive.signs if drive.signed else None,
        "subtract": drive.subtract if drive.phases > 1 else None,
        "conversions": drive.conversions,
        "second_lines": None if second is None else second.nonzero().flatten().tolist(),
    }


def _window(window: Window, cols: int, pool: Node | None) -> dict[str, Any]:
    kind = None if pool is None or not isinstance(pool.operation, MapPool) else pool.operation
    return {
        "in_shape": [window.channels, *window.size],
        "kernel": _short(window.kernel),
        "stride": _short(window.stride),
        "padding": _padding(window),
        **({} if _short(window.dilation) == 1 else {"dilation": _short(window.dilation)}),
        **({} if window.groups == 1 else {"groups": window.groups}),
        "map_shape": [cols, *window.map],
        "pool": None if kind is None else {"type": kind.type, "size": kind.size[0]},
        "out_shape": [cols, *window.map] if pool is None else list(pool.shape),
    }


def _padding(window: Window) -> Any:
    """Pixels of every margin, for each direction where they differ, and before and after where these differ."""
    if all(before == after for before, after in window.padding):
        return _short([before for before, _ in window.padding])
    return [list(margin) for margin in window.padding]


def _short(values: Sequence[int]) -> Any:
    """One value where all are the same, else the list of them."""
    return values[0] if len(set(values)) == 1 else list(values)


def _activation(activation: MappedActivation) -> dict[str, Any]:
    return {
        "function": activation.function,
        "levels": None if activation.levels is None else activation.levels.tolist(),
        "thresholds": None if activation.thresholds is None else activation.thresholds.tolist(),
    }


def _graph(network: MappedNetwork) -> dict[str, Any]:
    """The nodes in order, where they are more than layers one behind another."""
    graph = network.graph
    if is_chain(graph):
        return {}
    return {
        "graph": {
            "input_shape": list(graph.input_shape),
            "nodes": [
                {
                    "name": node.name,
                    "kind": node.kind,
                    "inputs": list(node.inputs),
                    "shape": list(node.shape),
                    **_fields(node, network),
                }
                for node in graph.nodes
            ],
        }
    }


def _fields(node: Node, network: MappedNetwork) -> dict[str, Any]:
    """Numbers and fields of a digital node; those of an array are in `layers`."""
    numbers = network.nodes.get(node.name)
    if isinstance(numbers, MappedActivation):
        return _activation(numbers)
    if isinstance(numbers, MappedNormalization):
        return {"scale": numbers.scale.tolist(), "offset": numbers.offset.tolist()}
    return asdict(node.operation) if isinstance(node.operation, Stateless) else {}
