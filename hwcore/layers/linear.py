"""Dense layers: in floating point, and with pairs of cells for weights."""

from __future__ import annotations

from typing import Unpack

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.cells import CellLayer, CellOptions
from hwcore.layers.float_layer import FloatLayer
from hwcore.spec import Hardware, LayerPlan


class FloatLinear(FloatLayer, nn.Linear):
    """`nn.Linear` with weights from a generator that is passed in."""

    @classmethod
    def planned(cls, plan: LayerPlan) -> FloatLinear:
        """Layer of this plan, as for `FloatLayer`."""
        return cls(plan.inputs, plan.outputs)


class HardwareLinear(CellLayer):
    """z = s (x W^T + d b_row) + b: one product per input. Weights, scale and bias are those of `CellLayer`.

    Args:
        in_features: word lines without the bias row.
        out_features: bit lines.
        hardware: the description; `cell` and `weights` matter here.
        options: as for `CellLayer`.

    Shapes:
        theta (out, in); log_scale (out,) or (1,); bias (out,), latent if it is an array row; x (batch, in).
    """

    def __init__(self, in_features: int, out_features: int, hardware: Hardware, **options: Unpack[CellOptions]) -> None:
        super().__init__((out_features, in_features), hardware, **options)
        self.in_features, self.out_features = in_features, out_features

    @classmethod
    def planned(cls, plan: LayerPlan, hardware: Hardware, **options: Unpack[CellOptions]) -> HardwareLinear:
        """Make the layer of a plan, as for `CellLayer`."""
        return cls(plan.inputs, plan.outputs, hardware, **options)

    def product(
        self,
        x: Float[Tensor, "batch lines"],
        weights: Float[Tensor, "outputs lines"],
        added: Float[Tensor, " outputs"] | None,
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs"]:
        """Multiply by the weights of some word lines, as for `CellLayer`."""
        start, stop = rows
        if start == 0 and stop == weights.shape[1]:
            # A slice of all would cost a copy on the way back.
            return F.linear(x, weights, added)
        return F.linear(x[:, start:stop], weights[:, start:stop], added)

    def extra_repr(self) -> str:
        """Sizes and the place of the bias, for `print`."""
        bias = "array row" if self.bias_in_array else "digital"
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"
