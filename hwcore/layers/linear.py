"""A dense layer whose weights are pairs of cells."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn

from hwcore.quant import Method, Staircase
from hwcore.spec import Hardware, representable

LATENT_SPREAD = 0.12
"""Standard deviation of the initial latent weights over full scale: about half the smallest step of a 2-bit cell."""


def weight_values(hardware: Hardware) -> Float64[Tensor, " values"]:
    """The weights that the description can represent over the largest of them: within [-1, 1], without unit."""
    return torch.from_numpy(representable(hardware).normalized)


class HardwareLinear(nn.Module):
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
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.bias_in_array = hardware.weights.bias == "array_row"
        self.staircase = Staircase(weight_values(hardware), method=method) if staircase is None else staircase
        latent = torch.randn(out_features, in_features, generator=generator) * LATENT_SPREAD
        self.theta = nn.Parameter(latent)
        # Unit variance in, unit variance out, for weights of about half of full scale.
        scales = out_features if hardware.weights.scale == "per_column" else 1
        self.log_scale = nn.Parameter(torch.full((scales,), math.log(2.0 / math.sqrt(in_features))))
        self.bias = nn.Parameter(torch.zeros(out_features))

    @property
    def scale(self) -> Float[Tensor, " scales"]:
        """s: output per unit of the normalised current, above 0."""
        return self.log_scale.exp()

    def forward(
        self, x: Float[Tensor, "batch inputs"], bias_drive: float | Float[Tensor, ""] = 1.0
    ) -> Float[Tensor, "batch outputs"]:
        """Outputs before the activation.

        Args:
            x: drive of the word lines.
            bias_drive: d, drive of the bias row: the full scale of x. Not used by a digital bias.
        """
        scale = self.scale
        if self.bias_in_array:
            current = F.linear(x, self.staircase(self.theta), self.staircase(self.bias) * bias_drive)
            return current * scale
        current = F.linear(x, self.staircase(self.theta))
        return torch.addcmul(self.bias, current, scale.expand(self.out_features))

    @torch.no_grad()
    def value_index(self) -> Int64[Tensor, "outputs rows"]:
        """Index of the representable value of every pair of cells: the inputs, then the bias row if there is one."""
        index = self.staircase.index(self.theta)
        if self.bias_in_array:
            index = torch.cat([index, self.staircase.index(self.bias)[:, None]], dim=1)
        return index

    def extra_repr(self) -> str:
        """What `print` shows."""
        bias = "array row" if self.bias_in_array else "digital"
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"
