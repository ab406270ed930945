"""Noise on the weights in training: every batch sees the weights of another chip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from hwcore.devices import programmed_moments
from hwcore.layers.cells import CellLayer
from hwcore.quant import Staircase
from hwcore.spec import Hardware, component_tables, representable

FEWEST, SPARE = 1 << 20, 1 << 22
"""Normal numbers in store: a million at least, and four million more than the largest layer takes at once."""
DRAWS = 2048
"""Draws after which the store is filled anew."""

SAME = 1e-9
"""Share of the largest weight below which two numbers are one."""


def weight_moments(hardware: Hardware, *, programmed: bool = True) -> tuple[Float64[Tensor, " values"], ...]:
    """Mean and standard deviation of every representable weight as it is programmed, over the largest |weight|.

    The two components are written independently: E[w_k] = E[G+] - E[G-], Var[w_k] = Var[G+] + Var[G-].

    Args:
        hardware: the description.
        programmed: False: as if writes were exact.

    Returns:
        Mean and standard deviation; without programming noise the weights themselves and zeros.
    """
    weights, tables = representable(hardware), component_tables(hardware.cell)
    programming = hardware.noise.programming
    if programming is None or not programmed:
        exact = torch.from_numpy(weights.normalized)
        return exact, torch.zeros_like(exact)
    sides = []
    for table, code in ((tables.g_pos, weights.code_pos), (tables.g_neg, weights.code_neg)):
        g = torch.from_numpy(table)
        sides.append(programmed_moments(g[torch.from_numpy(code)], programming, g_max=float(g.max())))
    (mean_pos, sigma_pos), (mean_neg, sigma_neg) = sides
    return (mean_pos - mean_neg) / weights.g_reference, torch.hypot(sigma_pos, sigma_neg) / weights.g_reference


class WeightNoise:
    """w = M(theta) + Sigma(theta) xi: the smooth staircases through the mean and the spread of every weight.

    xi ~ N(0, 1) is another for every weight and every call. It is a stretch of a store of normal numbers from a place
    drawn at random: as good as new for weights that see each number once in a million, and without the cost of a
    generator, which is that of the rest of the step. The gradient flows through M and Sigma, so the training can
    prefer levels that are written well.

    Args:
        mean: M at every representable weight.
        spread: Sigma at every representable weight, from 0.
        largest: weights of the largest layer.
        generator: source of xi, on the CPU.
        device: of the training.
    """

    def __init__(
        self,
        mean: Float64[Tensor, " values"],
        spread: Float64[Tensor, " values"],
        *,
        largest: int,
        generator: torch.Generator,
        device: torch.device,
    ) -> None:
        self.mean, self.spread = mean.to(device), spread.to(device)
        # One spread for all is a number: nothing has to be read for every weight.
        same = float(spread.max() - spread.min()) <= SAME
        self.constant = float(spread.max()) if same else None
        self.generator, self.device = generator, device
        self.size = max(FEWEST, largest + min(3 * largest, SPARE))
        self.largest = largest
        self.store = torch.empty(0, device=device)
        self.starts: list[int] = []

    def draw(self, like: Tensor) -> Tensor:
        """Standard normal numbers of this shape; not to be written to."""
        if not self.starts:
            self.store = torch.randn(self.size, generator=self.generator).to(self.device)
            self.starts = torch.randint(self.size - self.largest + 1, (DRAWS,), generator=self.generator).tolist()
        stretch = self.store.narrow(0, self.starts.pop(), like.numel()).view(like.shape)
        return stretch if like.dtype == stretch.dtype else stretch.to(like.dtype)

    def __call__(self, theta: Float[Tensor, "*shape"], staircase: Staircase) -> Float[Tensor, "*shape"]:
        """Weights as one more chip would hold them."""
        xi = self.draw(theta)
        if staircase.method == "straight_through":
            written = staircase(theta) + self._of(theta, staircase, self.mean - staircase.exact)
            return torch.addcmul(written, self._of(theta, staircase, self.spread), xi)
        if self.constant is not None:
            return staircase.through(theta, self.mean, plus=(self.constant, xi))
        return torch.addcmul(staircase.through(theta, self.mean), staircase.through(theta, self.spread), xi)

    def _of(self, theta: Tensor, staircase: Staircase, heights: Tensor) -> Tensor:
        """One number for each weight, or for all of them where it is the same."""
        if float(heights.max() - heights.min()) <= SAME:
            return heights[0].to(theta.dtype)
        return staircase.through(theta, heights)


@contextmanager
def noisy_weights(
    network: nn.Module,
    hardware: Hardware,
    generator: torch.Generator,
    *,
    programmed: bool = True,
    weight_noise: float = 0.0,
) -> Iterator[None]:
    """Within this context every layer of cells in training mode computes with weights that are drawn anew.

    Args:
        network: any module with layers of cells inside.
        hardware: the description that they were built from.
        generator: source of the noise, on the CPU.
        programmed: with the programming noise of the description, if it has any.
        weight_noise: standard deviation of further noise, independent of the chip, over the largest |weight|, from 0.
    """
    layers = [module for module in network.modules() if isinstance(module, CellLayer)]
    mean, spread = weight_moments(hardware, programmed=programmed)
    spread = torch.hypot(spread, torch.full_like(spread, weight_noise))
    if not layers or not float(spread.max()) > 0:
        yield
        return
    largest = max(layer.theta.numel() for layer in layers)
    noise = WeightNoise(mean, spread, largest=largest, generator=generator, device=layers[0].theta.device)
    before = [layer.noise for layer in layers]
    for layer in layers:
        layer.noise = noise
    try:
        yield
    finally:
        for layer, outer in zip(layers, before, strict=True):
            layer.noise = outer
