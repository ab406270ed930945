"""A chip whose digital side computes in whole numbers, rebuilt in numpy from its matrices and registers alone."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hwcore.crossbar import Chip, ChipLayer
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.spec import Digital, Drive, MapPool, Rounding, Window

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
            by_group = matrix[start:stop].reshape(stop - start, drives.shape[1], -1)
            current = np.einsum("pgr,rgc->pgc", drives[:, :, start:stop], by_group).reshape(len(drives), -1)
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


def pooled(n: Numbers, pool: MapPool | None, rounding: Rounding) -> Numbers:
    """The map (batch, cols, *map) after a pooling of squares that touch."""
    if pool is None:
        return n
    size = pool.size[0]
    parts = n[(slice(None), slice(None), *(slice(0, each // size * size) for each in n.shape[2:]))]
    for axis in range(2, n.ndim):
        shape = parts.shape
        parts = parts.reshape(*shape[:axis], shape[axis] // size, size, *shape[axis + 1 :])
        parts = np.moveaxis(parts, axis + 1, -1)
    squares = parts.reshape(*parts.shape[: n.ndim], -1)
    if pool.type == "max":
        largest: Numbers = squares.max(-1)
        return largest
    return quotient(squares.sum(-1), np.int64(squares.shape[-1]), rounding)


def outputs(network: MappedNetwork, chip: Chip, codes: Numbers, lsb: float) -> Iterator[tuple[str, Numbers]]:
    """Name and output of every layer: codes, of the last layer its sums."""
    x = codes * lsb
    for layer in network.layers:
        built, window = chip.layers[layer.name], layer.plan.window
        registers = built.registers
        if registers is None:
            raise ValueError(f"{layer.name}: got no registers; allowed: a digital side with widths")
        rows = under_the_kernel(x.reshape(len(x), *layer.plan.in_shape), window)
        if layer.drive.lines > 1:
            rows = on_two_lines(rows, window)
        if layer.bias_drive is not None:
            rows = np.concatenate([rows, np.full((*rows.shape[:2], 1), layer.bias_drive)], 2)
        terms = np.sum([factor * read(sent, layer, built) for factor, sent in conversions(rows, layer.drive)], 0)
        widths = registers.widths
        total = held(registers.offset.numpy() << registers.offset_shift, widths)
        total = np.broadcast_to(total, terms.shape[1:])
        mantissas, shifts = registers.multipliers.mantissa.numpy(), registers.multipliers.shift.numpy()
        for term, mantissa, shift in zip(terms, mantissas, shifts, strict=True):
            product = term * mantissa
            right = quotient(product, np.int64(1) << np.maximum(shift, 0), widths.rounding)
            total = held(total + np.where(shift >= 0, right, product << np.maximum(-shift, 0)), widths)
        tail = network.graph.tail(layer.name).pool
        pool = tail.operation if tail is not None and isinstance(tail.operation, MapPool) else None
        n = pooled(np.moveaxis(total.reshape(-1, *window.map, layer.cols), -1, 1), pool, widths.rounding)
        if registers.thresholds is not None and registers.levels is not None:
            n = (n[..., None] >= registers.thresholds.numpy()).sum(-1)
            x = registers.levels.numpy()[n]
        yield layer.name, n


def differing(found: Mapping[str, Numbers], expected: Mapping[str, Numbers]) -> int:
    """Numbers of all layers that are not the same."""
    if found.keys() != expected.keys():
        raise ValueError(f"found: got layers {list(found)}; allowed: {list(expected)}")
    return sum(int((found[name] != expected[name]).sum()) for name in expected)
