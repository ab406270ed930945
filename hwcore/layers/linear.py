"""A dense layer whose weights are pairs of cells."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from hwcore.layers.cells import CellLayer
from hwcore.quant import Method, Staircase
from hwcore.spec import Hardware


class HardwareLinear(CellLayer):
    """z = s (x W^T + d b_row) + b, where W = S(theta) takes only values that a pair of cells can hold.

    theta is a latent weight in units of the largest representable weight, s a scale per column or per layer, and the
    bias either digital (b) or one more word line of the array (b_row, quantised like any weight, driven with d).
    Smooth in training mode, hard after `eval()`.

    Args:
        in_features: word lines without the bias row.
        out_features: bit lines.
        hardware: the description; `cell` and `weights` matter here.
        method: what training mode does.
        staircase: one to share with other layers, over the normalised representable weights; None: its own.
        normalized: batch normalisation comes next and takes any scale and bias away: s = 1 and b = 0, not trained.
        generator: source of the initial latent weights; None: torch's default one.

    Shapes:
        theta (out, in); log_scale (out,) or (1,); bias (out,), latent if it is an array row; x (batch, in).
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        hardware: Hardware,
        *,
        method: Method = "smooth",
        staircase: Staircase | None = None,
        normalized: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(
            (out_features, in_features),
            hardware,
            method=method,
            staircase=staircase,
            normalized=normalized,
            generator=generator,
        )
        self.in_features, self.out_features = in_features, out_features

    def forward(
        self, x: Float[Tensor, "batch inputs"], drive_max: float | Float[Tensor, ""] = 1.0
    ) -> Float[Tensor, "batch outputs"]:
        """Outputs before the activation.

        Args:
            x: drive of the word lines.
            drive_max: d, full scale of x: what a bias row is driven with, and what the range of an ADC goes by.
        """
        weights, bias_row = self.weights()
        current = self.currents(x, weights, bias_row, drive_max)
        if self.normalized:
            return current
        scale = self.scale
        if bias_row is not None:
            return current * scale
        return torch.addcmul(self.bias, current, scale.expand(self.out_features))

    def product(
        self,
        x: Float[Tensor, "batch inputs"],
        weights: Float[Tensor, "outputs inputs"],
        bias_row: Float[Tensor, " outputs"] | None,
        drive_max: float | Float[Tensor, ""],
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs"]:
        """As for `CellLayer`."""
        start, stop = rows
        added = bias_row * drive_max if bias_row is not None and stop > self.inputs else None
        if start == 0 and stop >= self.inputs:
            # A slice of all would cost a copy on the way back.
            return F.linear(x, weights, added)
        return F.linear(x[:, start:stop], weights[:, start:stop], added)

    def extra_repr(self) -> str:
        """What `print` shows."""
        bias = "array row" if self.bias_in_array else "digital"
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"
