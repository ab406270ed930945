"""Moments of a weight at any time: its mean and spread over the chips, and its read noise."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import torch
from jaxtyping import Float64, Int64
from numpy import ndarray
from torch import Tensor

from hwcore.devices import drift_moments, programmed_moments, read_sigma
from hwcore.spec import Compensation, Effect, Hardware, Levels

WRITES: Final[tuple[Effect, ...]] = ("programming",)
"""Effects of a chip right after its write."""
SMALLEST_RESPONSE = 1e-12
"""Share of the largest weight below which a response counts as zero and is not scaled."""


def weight_moments(
    hardware: Hardware,
    *,
    levels: Levels | None = None,
    effects: Collection[Effect] = WRITES,
    t: float = 0.0,
) -> tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]]:
    """Mean and standard deviation over chips of every representable weight at time t, over the largest |weight|.

    The components are independent: E[w_k] = E[G+] - E[G-], Var[w_k] = Var[G+] + Var[G-]. Of each of them, with P as
    programmed and f the drift until t (of the target, so independent of P): E[G] = E[P] E[f],
    Var[G] = Var[P] E[f^2] + E[P]^2 Var[f].

    Args:
        hardware: the description.
        levels: of its cells, where they are at hand.
        effects: programming noise and drift count, where the description has them; drift is not compensated.
        t: time since the write, s; only drift knows it.

    Returns:
        Mean and standard deviation; without either the weights themselves and zeros.

    Raises:
        ValueError: a time before the first of the drift.
    """
    levels = Levels.of(hardware) if levels is None else levels
    weights, tables = levels.weights, levels.tables
    sides = [
        _component(hardware, table, code, effects=effects, t=t)
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
    effects: Collection[Effect],
    t: float,
) -> tuple[Float64[Tensor, " values"], Float64[Tensor, " values"] | None]:
    """Mean and deviation of one component at every representable weight, S; no deviation where all is exact."""
    noise, levels = hardware.noise, torch.from_numpy(table)
    target, g_max = levels[torch.from_numpy(code)], float(levels.max())
    mean, deviation = target, None
    if "programming" in effects and noise.programming is not None:
        mean, deviation = programmed_moments(target, noise.programming, g_max=g_max)
    if "drift" in effects and noise.drift is not None:
        left, scatter = drift_moments(target, noise.drift, t=t)
        written = torch.zeros_like(mean) if deviation is None else deviation
        deviation = torch.hypot(written * torch.hypot(left, scatter), mean * scatter)
        mean = mean * left
    return mean, deviation


def read_spread(
    hardware: Hardware,
    *,
    levels: Levels | None = None,
    effects: Collection[Effect] = WRITES,
    t: float = 0.0,
) -> Float64[Tensor, " values"]:
    """Standard deviation from product to product of every representable weight at time t, over the largest |weight|.

    s_k^2 = sigma(g+)^2 + sigma(g-)^2, with g the root of the mean square of what the component holds at that time:
    the mean of sigma^2 over chips where sigma is constant or in proportion to g.

    Args:
        hardware: the description.
        levels: as for `weight_moments`.
        effects: as for `weight_moments`.
        t: time since the write, s.

    Returns:
        From 0; zeros without read noise.

    Raises:
        ValueError: a time before the first of the drift or of the read noise.
    """
    levels = Levels.of(hardware) if levels is None else levels
    weights, tables, read = levels.weights, levels.tables, hardware.noise.read
    total = torch.zeros(len(weights.value), dtype=torch.float64)
    if read is None:
        return total
    for table, code in ((tables.g_pos, weights.code_pos), (tables.g_neg, weights.code_neg)):
        mean, deviation = _component(hardware, table, code, effects=effects, t=t)
        held = mean if deviation is None else torch.hypot(mean, deviation)
        target, g_max = torch.from_numpy(table)[torch.from_numpy(code)], float(table.max())
        total = torch.hypot(total, read_sigma(held, read, g_target=target, g_max=g_max, t=t))
    return total / weights.g_reference


def expected_factor(
    calibrated: tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]],
    now: tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]],
    use: Float64[Tensor, " values"],
    rule: Compensation,
) -> float:
    """Factor on the outputs that makes up for drift, one number for the whole network.

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
