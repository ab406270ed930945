"""Programming noise in training: every batch sees the weights of another chip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from hwcore.devices import programmed_moments
from hwcore.layers.cells import CellLayer
from hwcore.quant import Staircase
from hwcore.spec import Hardware, Programming, component_tables, representable

FEWEST, MOST_OF_LAYER = 1 << 20, 4
"""Normal numbers in store: a million, or four times those that the largest layer takes at once."""
DRAWS = 256
"""Draws after which the store is filled anew."""


def weight_moments(
    hardware: Hardware, programming: Programming
) -> tuple[Float64[Tensor, " values"], Float64[Tensor, " values"]]:
    """Mean and standard deviation of every representable weight as programmed, over the largest |weight|.

    The two components are written independently: E[w_k] = E[G+] - E[G-], Var[w_k] = Var[G+] + Var[G-].
    """
    weights, tables = representable(hardware), component_tables(hardware.cell)
    sides = []
    for table, code in ((tables.g_pos, weights.code_pos), (tables.g_neg, weights.code_neg)):
        g = torch.from_numpy(table)
        sides.append(programmed_moments(g[torch.from_numpy(code)], programming, g_max=float(g.max())))
    (mean_pos, sigma_pos), (mean_neg, sigma_neg) = sides
    return (mean_pos - mean_neg) / weights.g_reference, torch.hypot(sigma_pos, sigma_neg) / weights.g_reference


class WeightNoise:
    """w = M(theta) + Sigma(theta) xi: the smooth staircases through the mean and the spread of every programmed weight.

    xi ~ N(0, 1) is another for every weight and every call. It is a stretch of a store of normal numbers from a place
    drawn at random: as good as new for weights that see each number once in a million, and without the cost of a
    generator, which is that of the rest of the step. The gradient flows through M and Sigma, so the training can
    prefer levels that are written well.

    Args:
        hardware: with programming noise.
        largest: weights of the largest layer.
        generator: source of xi, on the CPU.
        device: of the training.
    """

    def __init__(
        self,
        hardware: Hardware,
        programming: Programming,
        *,
        largest: int,
        generator: torch.Generator,
        device: torch.device,
    ) -> None:
        mean, spread = weight_moments(hardware, programming)
        self.mean, self.spread = mean.to(device), spread.to(device)
        # One spread for all is a number: nothing has to be read for every weight.
        same = float(spread.max() - spread.min()) <= 1e-9 * float(spread.max())
        self.constant = float(spread.max()) if same else None
        self.generator, self.device = generator, device
        self.size = max(FEWEST, MOST_OF_LAYER * largest)
        self.store = torch.empty(0, device=device)
        self.draws = 0

    def draw(self, like: Tensor) -> Tensor:
        """Standard normal numbers of this shape; not to be written to."""
        if self.draws % DRAWS == 0:
            self.store = torch.randn(self.size, generator=self.generator).to(self.device)
        self.draws += 1
        start = int(torch.randint(self.size - like.numel() + 1, (), generator=self.generator))
        return self.store[start : start + like.numel()].view(like.shape).to(like.dtype)

    def __call__(self, theta: Float[Tensor, "*shape"], staircase: Staircase) -> Float[Tensor, "*shape"]:
        """Weights as one more chip would hold them."""
        xi = self.draw(theta)
        if staircase.method == "straight_through":
            shift = staircase.through(theta, self.mean - staircase.exact)
            written: Tensor = staircase(theta) + shift + staircase.through(theta, self.spread) * xi
            return written
        # Not in place: what a custom function returns as a view must not be written to.
        mean = staircase.through(theta, self.mean)
        if self.constant is not None:
            return torch.add(mean, xi, alpha=self.constant)
        return torch.addcmul(mean, staircase.through(theta, self.spread), xi)


@contextmanager
def programming_noise(network: nn.Module, hardware: Hardware, generator: torch.Generator) -> Iterator[None]:
    """Within this context every layer of cells in training mode computes with weights that are programmed anew.

    Without programming noise in the description nothing changes.

    Args:
        network: any module with layers of cells inside.
        hardware: the description that they were built from.
        generator: source of the noise, on the CPU.
    """
    layers = [module for module in network.modules() if isinstance(module, CellLayer)]
    programming = hardware.noise.programming
    if programming is None or not layers:
        yield
        return
    largest = max(layer.theta.numel() for layer in layers)
    noise = WeightNoise(hardware, programming, largest=largest, generator=generator, device=layers[0].theta.device)
    for layer in layers:
        layer.noise = noise
    try:
        yield
    finally:
        for layer in layers:
            layer.noise = None
