"""A chip whose digital side computes in whole numbers, rebuilt in numpy from its matrices and registers alone."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hwcore.crossbar import Chip, ChipLayer
from hwcore.digital import OPERATIONS, CodeRegisters, NumberFormat, SumRegisters, TableRegisters
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.spec import (
    INPUT,
    Add,
    Concat,
    Digital,
    Drive,
    Flatten,
    GlobalPool,
    MapPool,
    Normalize,
    Operation,
    Product,
    Reshape,
    Rounding,
    Stateless,
    Transpose,
    Window,
)

Numbers = np.ndarray


def quotient(n: Numbers, divisor: Any, rounding: Rounding) -> Numbers:
    """n / divisor of whole numbers, rounded."""
    magnitude, sign = np.abs(n), np.sign(n)
    whole, rest = magnitude // divisor, magnitude % divisor
    found: Numbers
    if rounding == "down":
        found = np.floor_divide(n, divisor)
    elif rounding == "half_away":
        found = sign * ((2 * magnitude + divisor) // (2 * divisor))
    else:
        found = sign * (whole + ((2 * rest > divisor) | ((2 * rest == divisor) & (whole % 2 == 1))))
    return found


def held(n: Numbers, widths: Digital) -> Numbers:
    """A number as the accumulator holds it."""
    half = 1 << (widths.accumulator_bits - 1)
    return np.clip(n, -half, half - 1) if widths.saturate else (n + half) % (2 * half) - half


def under_the_kernel(x: Numbers, window: Window) -> Numbers:
    """(products, groups, rows) of (batch, channels, *size)."""
    if not window.moves:
        return x[:, None]
    axes = tuple(range(2, x.ndim))
    padded = np.pad(x, [(0, 0), (0, 0), *window.padding])
    every = np.lib.stride_tricks.sliding_window_view(padded, window.span, axis=axes)
    steps = tuple(slice(None, None, step) for step in window.stride)
    taps = tuple(slice(None, None, step) for step in window.dilation)
    chosen = every[:, :, *steps, *taps]
    return np.moveaxis(chosen, 1, 1 + len(axes)).reshape(-1, window.groups, window.rows)


def read(drives: Numbers, layer: MappedLayer, built: ChipLayer) -> Numbers:
    """Codes (terms, products, cols) of the converters, as whole numbers."""
    terms = []
    for array, mapped in zip(built.arrays, layer.arrays, strict=True):
        if array.converters is None:
            raise ValueError(f"{layer.name}: got an array without converters; allowed: those that read codes")
        largest = 2 ** (array.converters.bits - 1) - 1
        matrix = mapped.pairs.g_pos.numpy() - mapped.pairs.g_neg.numpy()
        for (start, stop), full_scale in zip(mapped.grid.row_blocks, array.converters.full_scale.numpy(), strict=True):
            by_group = matrix[start:stop].reshape(stop - start, drives.shape[1], -1).transpose(1, 0, 2)
            current = (
                (drives[:, :, start:stop].transpose(1, 0, 2) @ by_group).transpose(1, 0, 2).reshape(len(drives), -1)
            )
            with np.errstate(divide="ignore", invalid="ignore"):
                steps = np.where(full_scale > 0, current * largest / full_scale, np.sign(current) * np.inf)
            steps = np.where(np.isnan(steps), 0.0, steps)
            terms.append(np.clip(np.floor(steps + 0.5 + 1e-9), -largest, largest))
    return np.stack(terms).astype(np.int64)


def on_two_lines(rows: Numbers, window: Window) -> Numbers:
    """Positive inputs of a channel on its first lines, negative ones on its second lines."""
    by_channel = rows.reshape(*rows.shape[:2], -1, 1, int(np.prod(window.kernel_shape[1:])))
    return np.concatenate([by_channel.clip(min=0), by_channel.clip(max=0)], 3).reshape(*rows.shape[:2], -1)


def conversions(drives: Numbers, drive: Drive) -> Iterator[tuple[int, Numbers]]:
    """Factor and drives of every conversion."""
    planes = [(1, drives)]
    if drive.bits is not None and drive.limit is not None:
        whole = np.round(np.abs(drives) * (2**drive.bits - 1) / drive.limit).astype(np.int64)
        size = np.sign(drives) * drive.limit
        planes = [(2**k, (whole >> k & 1) * size) for k in range(drive.bits)]
    for factor, plane in planes:
        if drive.converts_phases:
            yield factor, plane.clip(min=0)
            yield -factor, -plane.clip(max=0)
        else:
            yield factor, plane


def pooled(n: Numbers, pool: MapPool | GlobalPool, rounding: Rounding) -> Numbers:
    """Largest number or rounded mean of every square of (batch, channels, *map)."""
    axes = tuple(range(2, n.ndim))
    if isinstance(pool, GlobalPool):
        squares = n.reshape(*n.shape[:2], -1)
    else:
        filling = np.iinfo(np.int64).min if pool.type == "max" else 0
        margins = [(0, 0), (0, 0), *((pad, pad) for pad in pool.padding)]
        every = np.lib.stride_tricks.sliding_window_view(np.pad(n, margins, constant_values=filling), pool.size, axes)
        steps = tuple(slice(None, None, step) for step in pool.stride)
        squares = every[:, :, *steps].reshape(*every[:, :, *steps].shape[: n.ndim], -1)
    if pool.type == "max":
        largest: Numbers = squares.max(-1)
        return largest
    return quotient(squares.sum(-1), np.int64(squares.shape[-1]), rounding)


def scaled(n: Numbers, registers: SumRegisters, term: int) -> Numbers:
    """n m / 2^s of one term, its columns last."""
    mantissa, shift = registers.multipliers.mantissa[term].numpy(), registers.multipliers.shift[term].numpy()
    product = n * mantissa
    right = quotient(product, np.int64(1) << np.maximum(shift, 0), registers.widths.rounding)
    return np.where(shift >= 0, right, product << np.maximum(-shift, 0))


def summed(terms: Numbers, registers: SumRegisters) -> Numbers:
    """Offset and scaled terms (terms, products, cols), narrowed after every addition."""
    total = held(registers.offset.numpy() << registers.offset_shift, registers.widths)
    total = np.broadcast_to(total, terms.shape[1:])
    for number, term in enumerate(terms):
        total = held(total + scaled(term, registers, number), registers.widths)
    return total


def of_array(drives: Numbers, layer: MappedLayer, built: ChipLayer) -> Numbers:
    """Sums (batch, cols, *map) of a layer for the values (batch, *shape) that drive it."""
    window = layer.plan.window
    if built.registers is None:
        raise ValueError(f"{layer.name}: got no registers; allowed: a digital side with widths")
    rows = under_the_kernel(drives.reshape(len(drives), *layer.plan.in_shape), window)
    if layer.drive.lines > 1:
        rows = on_two_lines(rows, window)
    if layer.bias_drive is not None:
        rows = np.concatenate([rows, np.full((*rows.shape[:2], 1), layer.bias_drive)], 2)
    terms = np.sum([factor * read(sent, layer, built) for factor, sent in conversions(rows, layer.drive)], 0)
    return np.moveaxis(summed(terms, built.registers).reshape(-1, *window.map, layer.cols), -1, 1)


def outputs(network: MappedNetwork, chip: Chip, codes: Numbers, lsb: float) -> Iterator[tuple[str, Numbers]]:
    """Name and output of every node, in order."""
    nodes = chip.nodes
    if nodes is None:
        raise ValueError("chip: got one without registers; allowed: a digital side with widths")
    values = {INPUT: codes.astype(np.int64).reshape(len(codes), *network.graph.input_shape)}
    for node in network.graph.nodes:
        operation, read = node.operation, [values[name] for name in node.inputs]
        formats, registers = [nodes.formats[name] for name in node.inputs], nodes.registers.get(node.name)
        multiples = [each.slope * n + each.first for each, n in zip(formats, read, strict=True)]
        if isinstance(operation, Product):
            found = of_array(_values(formats[0], read[0]), network[node.name], chip.layers[node.name])
        elif isinstance(registers, CodeRegisters):
            found = (multiples[0][..., None] >= registers.thresholds.numpy()).sum(-1)
        elif isinstance(operation, Normalize) and isinstance(registers, SumRegisters):
            by_channel = np.moveaxis(multiples[0], 1, -1)
            flat = summed(by_channel.reshape(1, -1, by_channel.shape[-1]), registers)
            found = np.moveaxis(flat.reshape(by_channel.shape), -1, 1)
        elif isinstance(registers, TableRegisters) and isinstance(operation, Stateless):
            # Of numpy's numbers, so that only the function itself is shared.
            exact = operation.compute(OPERATIONS, *(_values(each, n) for each, n in zip(formats, read, strict=True)))
            found = held(np.round(exact / 2.0**registers.exponent).astype(np.int64), nodes.widths)
        else:
            if isinstance(registers, SumRegisters):
                read = [held(scaled(n, registers, term), nodes.widths) for term, n in enumerate(multiples)]
            found = _computed(operation, read, nodes.widths)
        values[node.name] = found
        yield node.name, found


def _values(of: NumberFormat, n: Numbers) -> Numbers:
    found: Numbers = (of.slope * n + of.first) * of.unit if of.levels is None else of.levels.numpy()[n]
    return found


def _computed(operation: Operation, read: list[Numbers], widths: Digital) -> Numbers:
    """Output of a node that only computes."""
    match operation:
        case Add():
            return held(read[0] + read[1], widths)
        case Concat():
            return np.concatenate(read, 1)
        case MapPool() | GlobalPool():
            found = pooled(read[0], operation, widths.rounding)
            return found if operation.type == "max" else held(found, widths)
        case Transpose(axes=axes):
            return read[0].transpose(0, *(axis + 1 for axis in axes))
        case Reshape(to=to):
            return read[0].reshape(len(read[0]), *to)
        case Flatten():
            return read[0].reshape(len(read[0]), -1)
        case _:
            raise ValueError(f"operation: got {operation.kind}; allowed: those that are rebuilt here")


def differing(found: Mapping[str, Numbers], expected: Mapping[str, Numbers]) -> int:
    """Numbers of all nodes that are not the same."""
    if found.keys() != expected.keys():
        raise ValueError(f"found: got nodes {list(found)}; allowed: {list(expected)}")
    return sum(int((found[name] != expected[name]).sum()) for name in expected)
