"""The array with wires as one matrix: found once per programmed tile, and every input is a product with it."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float64
from torch import Tensor
from torch.autograd.function import once_differentiable

from hwcore.wires.adjoint import gradient
from hwcore.wires.elimination import Eliminated, eliminate
from hwcore.wires.memory import require_memory
from hwcore.wires.wires import Wires

NUMBERS_AT_ONCE = 1 << 19
"""Numbers of the matrices that are carried down for several arrays at once: 32 arrays of 128 columns."""


def transfer(
    g: Float64[Tensor, "*tiles rows cols"], wires: Wires, *, memory: int | None = None
) -> Float64[Tensor, "*tiles rows cols"]:
    """M with I_j = sum_i V_i M_ij: what every driver sends into every sense amplifier, exactly.

    Word line i starts at its driver beside column 0, bit line j ends at its amplifier below the last row
    (docs/explanation/wires.md has the drawing). Cells are ohmic, so the circuit is linear and M all that there is to
    know of it. In the orientation of the array: where g stands without wires, M stands with them.

    Differentiable in g, once; not in the resistances.

    Args:
        g: conductance of every cell, S, from 0; any number of arrays.
        wires: resistances; with none, the result is g itself to the last bit.
        memory: bytes that may be taken; None: what the machine has left.

    Returns:
        S, from 0. Relative error of every entry: about 1e-14, and 1e-16 (r_bit + r_sense) sum_i g_ij where that is
        more (with large r_driver on fewer rows than columns: r_driver and the sum over a row).

    Raises:
        ValueError: a conductance that is negative, infinite or no number; an array without cells.
        ArrayTooLarge: before anything is allocated.

    Source: PHYSICS.md section 4; the elimination is `hwcore.wires.elimination`'s.
    """
    rows, cols = g.shape[-2:]
    differentiable = torch.is_grad_enabled() and g.requires_grad
    if rows == 0 or cols == 0:
        raise ValueError(f"g: got {rows} x {cols} cells; allowed: at least one row and one column")
    turned = _turned(rows, cols, wires)
    tiles = g.numel() // (rows * cols)
    require_transfer_memory(tiles, rows, cols, wires, differentiable=differentiable, memory=memory)
    if not bool(((g >= 0) & (g < torch.inf)).all()):
        raise ValueError("g: got a conductance that is negative, infinite or no number; allowed: 0 S and above")
    if wires.ideal or g.numel() == 0:
        return g.clone()
    # By reciprocity the array seen from its outputs has the same matrix; the far corner stays the far corner.
    seen, lines = (g.flip(-1, -2).mT, wires.turned) if turned else (g, wires)
    batch = seen.reshape(-1, *seen.shape[-2:])
    parts = torch.split(batch, max(1, NUMBERS_AT_ONCE // seen.shape[-1] ** 2))
    found = [_apply(part, lines) if differentiable else eliminate(part, lines)[0] for part in parts]
    whole = (torch.cat(found) if len(found) != 1 else found[0]).reshape(seen.shape)
    return whole.mT.flip(-1, -2) if turned else whole


class _Transfer(torch.autograd.Function):
    """`eliminate` on the way forward, `gradient` on the way back."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, wires: Wires) -> Tensor:
        found, kept = eliminate(g, wires, keep=True)
        ctx.save_for_backward(*kept.carriers, *kept.transfers)
        ctx.words, ctx.resistances = kept.words, kept.resistances
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None]:
        saved = list(ctx.saved_tensors)
        half = len(saved) // 2
        kept = Eliminated(ctx.words, ctx.resistances, saved[:half], saved[half:])
        return gradient(kept, upstream.contiguous()), None


def _apply(g: Float64[Tensor, "tiles rows cols"], wires: Wires) -> Float64[Tensor, "tiles rows cols"]:
    found: Tensor = _Transfer.apply(g, wires)  # type: ignore[no-untyped-call]
    return found


def _cost(steps: int, carried: int, wires: Wires) -> int:
    """Multiplications, about: one inverse and one product for every segment that has a resistance."""
    inverses = steps if wires.r_bit > 0 else int(wires.r_sense > 0)
    return inverses * carried**3


def _turned(rows: int, cols: int, wires: Wires) -> bool:
    """Tell whether the word lines are carried and not the bit lines: the shorter side costs less."""
    return _cost(cols, rows, wires.turned) < _cost(rows, cols, wires)


def require_transfer_memory(
    tiles: int, rows: int, cols: int, wires: Wires, *, differentiable: bool, memory: int | None = None, copies: int = 1
) -> None:
    """Check that there is memory for the transfer matrices of that many arrays; `transfer` does this first.

    Args:
        tiles: arrays that go through together.
        rows: word lines of each.
        cols: bit lines of each.
        wires: resistances.
        differentiable: whether a gradient is wanted.
        memory: bytes that may be taken; None: what the machine has left.
        copies: how many times all this is made at the same time.

    Raises:
        ArrayTooLarge: they do not fit.
    """
    what = f"the transfer matrix of {tiles} array{'s' if tiles != 1 else ''} of {rows} x {cols} cells"
    what += (" with its gradient" if differentiable else "") + (f", {copies} times at once," if copies > 1 else "")
    needed = transfer_bytes(tiles, rows, cols, wires, differentiable=differentiable)
    require_memory(needed * copies, what, memory)


def transfer_bytes(tiles: int, rows: int, cols: int, wires: Wires, *, differentiable: bool) -> int:
    """Bytes that the transfer matrices of that many arrays take; with a gradient also those that are kept for it.

    Args:
        tiles: arrays that go through together.
        rows: word lines of each.
        cols: bit lines of each.
        wires: resistances.
        differentiable: whether a gradient is wanted.
    """
    steps, carried = (cols, rows) if _turned(rows, cols, wires) else (rows, cols)
    at_once = max(1, NUMBERS_AT_ONCE // carried**2)
    # The word lines and the result; matrices on their way down; and what the way back needs, with what the allocator
    # loses between that many pieces. A process was seen to take 0.6 to 1.0 of this.
    numbers = tiles * 10 * steps * carried + 12 * min(tiles, at_once) * carried**2
    if differentiable:
        numbers += tiles * steps * carried * (carried + steps // 2) * 8 // 5
    return 8 * numbers
