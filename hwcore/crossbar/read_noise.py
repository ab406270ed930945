"""Read noise of a whole column at once: as many cells as it has, one number for each of its outputs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from hwcore.crossbar.grouped_product import grouped_product, of_each_column
from hwcore.mapping import Components
from hwcore.spec import PairLayout, TileGrid
from hwcore.wires import NO_IDLE, Idle, Wires, layer_transfer

PROBES = 2
"""Vectors of random signs that `wire_sensitivity` takes; with more of them its mean stays within 0.5 %."""
IDLE = 0.01
"""Share of the average square drive below which a word line counts as an average one."""


def read_current_sigma(
    drive: Float[Tensor, "batch drives"], variance: Float[Tensor, "rows cols"], groups: int = 1
) -> Float[Tensor, "batch cols"]:
    """sigma_I = (sum_i V_i^2 v_ij)^(1/2), v_ij = sigma_pos_ij^2 + sigma_neg_ij^2: of the current of one tile.

    Without wires a current is a sum over cells that err for themselves, normally, and anew at every product. So it errs
    normally with this deviation: exactly what drawing every cell for every product would give, for one product more.

    Args:
        drive: word-line voltages V, V, of one group of columns after the other.
        variance: v of every pair, S^2: the squares of the read noise of both components.
        groups: of columns.

    Returns:
        A; times a number of N(0, 1) for each output and product it is the noise.
    """
    return grouped_product(drive.square(), variance, groups).sqrt_()


def wire_sensitivity(
    g: Components,
    drives: Float64[Tensor, "products drives"],
    grid: TileGrid,
    wires: Wires,
    layout: PairLayout,
    *,
    idle: Idle = NO_IDLE,
) -> Components:
    """a_ij = c_ij (E[e_ij^2] / E[V_i^2])^(1/2): how much of an error of a cell arrives at its own output.

    e_ij is the voltage across the cell and c_ij the share of its current that arrives, so an error dg errs the current
    of the pair by e_ij c_ij dg. Without wires e_ij = V_i and c_ij = 1, and a_ij = 1; with a_ij sigma_ij in place of
    sigma_ij the formula of `read_current_sigma` has the mean variance of each cell over the drives.

    e_ij c_ij is linear in the drives: p_ij V_i, from its own word line, and o_ij from all others, which is their mean.
    Both come from gradients of sum_j w_j (I_j+ - I_j-) under the drives s, with random signs w and s: times w_j only
    the output of the cell's own column is left, and times s_i only its own word line, but for errors of random sign.

    Against the exact variance of single products, to first order in the noise, over all cells and all their ways out
    (48 x 16 cells, both layouts; dense, sparse and signed drives): sigma is right on average to 0.3 % where the wires
    take 10 % of the current, and to 1 % where they take 35 %; that of a single product and output to 2 % and to 7 %.

    Args:
        g: conductances, S.
        drives: V, of one group of columns after the other; means are taken over them. A word line with hardly any
            drive counts as an average one.
        grid: where the layer is cut.
        wires: resistances.
        layout: of the pairs.
        idle: as for `hwcore.wires.layer_transfer`.

    Returns:
        Without unit, from 0.

    Raises:
        ValueError, ArrayTooLarge: as for `layer_transfer`, whose gradient is taken.

    Source: the gradient is that of `hwcore.wires.adjoint`; the random signs are Hutchinson's, 1990,
        doi:10.1080/03610919008812866.
    """

    def seen(each: Components) -> Tensor:
        return layer_transfer(each, grid, wires, layout, idle=idle).difference

    own, others = _own_and_others(g, drives.mean(0), grid.groups, seen)
    mean, square = drives.mean(0), drives.square().mean(0)
    average = square.mean().clamp(min=torch.finfo(torch.float64).tiny)
    at_rest = square < IDLE * average
    mean, square = torch.where(at_rest, mean.mean(), mean), torch.where(at_rest, average, square)
    rows, cols = g.pos.shape
    mean, square = (of_each_column(each, rows, cols, grid.groups) for each in (mean, square))
    seen_pos, seen_neg = (
        (p.square() + (2 * p * o * mean + o.square()) / square).clamp(min=0.0).sqrt()
        for p, o in zip(own, others, strict=True)
    )
    return Components(seen_pos, seen_neg)


def _own_and_others(
    designed: Components,
    mean_drive: Float64[Tensor, " drives"],
    groups: int,
    seen_of: Callable[[Components], Tensor],
) -> tuple[Float64[Tensor, "sides rows cols"], Float64[Tensor, "sides rows cols"]]:
    """p_ij of the own word line, and o_ij of all others at the mean drive, for both components."""
    # Nodes of a sum and no noise: the same for every chip and every job.
    signs = torch.Generator().manual_seed(0)
    g = torch.stack([*designed]).requires_grad_()
    own, both = torch.zeros_like(g), torch.zeros_like(g)
    rows, cols = designed.pos.shape
    means = of_each_column(mean_drive, rows, cols, groups)
    with torch.enable_grad():
        seen = seen_of(Components(g[0], g[1]))
        for _ in range(PROBES):
            s, w = (_signs(size, signs) for size in (rows, cols))
            for total, drive, turn in ((own, s.repeat(groups), s[:, None]), (both, mean_drive, 1.0)):
                current = grouped_product(drive[None], seen, groups)[0] if groups > 1 else drive @ seen
                (found,) = torch.autograd.grad(current @ w, g, retain_graph=True)
                total += found * w * turn / PROBES
    return own.detach(), (both - own * means).detach()


def _signs(size: int, generator: torch.Generator) -> Float64[Tensor, " size"]:
    return 2.0 * torch.randint(0, 2, (size,), generator=generator).double() - 1.0
