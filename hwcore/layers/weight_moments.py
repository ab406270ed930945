"""What a weight is on average over the chips, and how far it scatters: writes, drift and read noise in one."""

from __future__ import annotations

import torch
from jaxtyping import Float64, Int64
from numpy import ndarray
from torch import Tensor

from hwcore.devices import drift_moments, programmed_moments, read_sigma
from hwcore.spec import Compensation, Hardware, component_tables, representable

SMALLEST_RESPONSE = 1e-12
"""Share of the largest weight: a response below it is nothing, and there is nothing to scale."""


def weight_moments(
    hardware: Hardware, *, programmed: bool = True, drifted: bool = False, read: bool = False, t: float = 0.0
) -> tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]]:
    """Mean and standard deviation of every representable weight as a product at time t sees it, over the largest
    |weight|.

    The components are independent: E[w_k] = E[G+] - E[G-], Var[w_k] = Var[G+] + Var[G-]. Of each of them, with P as
    programmed, f the drift until t (of the target, so independent of P) and sigma_r(g) the read noise:
    E[G] = E[P] E[f], Var[G] = Var[P] E[f^2] + E[P]^2 Var[f] + sigma_r(E[P^2 f^2]^(1/2))^2. The last term is exact
    where sigma_r is constant or in proportion to g.

    Args:
        hardware: the description.
        programmed: False: as if writes were exact.
        drifted: with the drift of the description, if it has any; not compensated.
        read: with its read noise, if it has any.
        t: time since the write, s; only drift and read noise that grows know it.

    Returns:
        Mean and standard deviation; without any of the three the weights themselves and zeros.

    Raises:
        ValueError: a time before the first of the drift or of the read noise.
    """
    weights, tables = representable(hardware), component_tables(hardware.cell)
    sides = [
        _component(hardware, table, code, programmed=programmed, drifted=drifted, read=read, t=t)
        for table, code in ((tables.g_pos, weights.code_pos), (tables.g_neg, weights.code_neg))
    ]
    if all(deviation is None for _, deviation in sides):
        exact = torch.from_numpy(weights.normalized)
        return exact, torch.zeros_like(exact)
    (mean_pos, sigma_pos), (mean_neg, sigma_neg) = sides
    spread = torch.hypot(*(torch.zeros_like(mean_pos) if s is None else s for s in (sigma_pos, sigma_neg)))
    return (mean_pos - mean_neg) / weights.g_reference, spread / weights.g_reference


def _component(
    hardware: Hardware,
    table: Float64[ndarray, " levels"],
    code: Int64[ndarray, " values"],
    *,
    programmed: bool,
    drifted: bool,
    read: bool,
    t: float,
) -> tuple[Float64[Tensor, " values"], Float64[Tensor, " values"] | None]:
    """Mean and deviation of one component at every representable weight, S; no deviation where all is exact."""
    noise, levels = hardware.noise, torch.from_numpy(table)
    target, g_max = levels[torch.from_numpy(code)], float(levels.max())
    mean, deviation = target, None
    if programmed and noise.programming is not None:
        mean, deviation = programmed_moments(target, noise.programming, g_max=g_max)
    if drifted and noise.drift is not None:
        left, scatter = drift_moments(target, noise.drift, t=t)
        written = torch.zeros_like(mean) if deviation is None else deviation
        deviation = torch.hypot(written * torch.hypot(left, scatter), mean * scatter)
        mean = mean * left
    if read and noise.read is not None:
        before = torch.zeros_like(mean) if deviation is None else deviation
        held = torch.hypot(mean, before)
        deviation = torch.hypot(before, read_sigma(held, noise.read, g_target=target, g_max=g_max, t=t))
    return mean, deviation


def expected_factor(
    calibrated: tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]],
    now: tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]],
    use: Float64[Tensor, " values"],
    rule: Compensation,
) -> float:
    """What the outputs are multiplied by to make up for drift, one number for the whole network.

    The rules of a chip compare mean responses |sum_i x_i w_ij| of a tile or a column before and after. A sum of many
    weights of either sign is about as large as the root of the sum of their squares, so with the use p_k of every
    weight the factor is (sum_k p_k (m_k^2 + s_k^2) before / the same now)^(1/2). Columns and tiles that differ in
    their weights differ from it: that is not seen in training.

    Args:
        calibrated: mean m and deviation s of every representable weight right after the write.
        now: the same at the time of the product.
        use: p, how often each weight is used; any unit, from 0, not all of them 0.
        rule: none: 1; per_tile and per_column alike: the factor.

    Returns:
        Without unit, above 0; 1 where nothing is left.
    """
    if rule == "none":
        return 1.0
    share = use / use.sum()
    before, after = (
        float((share * (mean.square() + spread.square())).sum().sqrt()) for mean, spread in (calibrated, now)
    )
    return before / after if min(before, after) > SMALLEST_RESPONSE else 1.0
