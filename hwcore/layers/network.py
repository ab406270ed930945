"""The network of cells: what is trained for the chip, and in evaluation what the chip computes."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.blocks import normalization_of, pooling_of, shaped
from hwcore.layers.cells import CellLayer, weight_values
from hwcore.layers.conv2d import HardwareConv2d
from hwcore.layers.linear import HardwareLinear
from hwcore.quant import Method, Staircase
from hwcore.spec import Drive, Hardware, LayerPlan, Normalization, Plan, chain_drives


def _full_scale(activation: nn.Module) -> Tensor:
    # A ModuleList forgets the type of what it holds.
    if not isinstance(activation, HardwareActivation):
        raise TypeError(f"activation: got {type(activation).__name__}; allowed: HardwareActivation")
    return activation.full_scale


def _cells(
    layer: LayerPlan, hardware: Hardware, staircase: Staircase, normalized: bool, generator: torch.Generator | None
) -> CellLayer:
    window = layer.window
    if window is None:
        return HardwareLinear(
            layer.inputs, layer.outputs, hardware, staircase=staircase, normalized=normalized, generator=generator
        )
    return HardwareConv2d(
        window.channels,
        layer.outputs,
        window.kernel,
        hardware,
        stride=window.stride,
        padding=window.padding,
        staircase=staircase,
        normalized=normalized,
        generator=generator,
    )


class HardwareNetwork(nn.Module):
    """`FloatNetwork` with cells for weights and quantised activations; its layers share one staircase of each kind.

    Pooling comes before the activation: every word line of the next array is driven by one of its levels.

    Args:
        plan: the layers from input to output, at least one.
        hardware: the description.
        normalization: batch (after every layer but the last) or none.
        method: what training mode does.
        generator: source of the initial latent weights; None: torch's default one.
    """

    def __init__(
        self,
        plan: Plan,
        hardware: Hardware,
        normalization: Normalization,
        *,
        method: Method = "smooth",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.plan = plan
        self.hardware = hardware
        self.bias_in_array = hardware.weights.bias == "array_row"
        self.weight_staircase = Staircase(weight_values(hardware), method=method)
        activation = hardware.activation
        steps = None if activation.bits is None else Staircase(unit_levels(activation), method=method)
        normalized = len(plan) - 1 if normalization == "batch" else 0
        self.linear = nn.ModuleList(
            _cells(layer, hardware, self.weight_staircase, number < normalized, generator)
            for number, layer in enumerate(plan)
        )
        self.norm = nn.ModuleList(normalization_of(layer, normalization) for layer in plan[:-1])
        self.pool = nn.ModuleList(pooling_of(layer) for layer in plan[:-1])
        self.activation = nn.ModuleList(
            HardwareActivation(activation, staircase=steps, normalized=normalization == "batch") for _ in plan[:-1]
        )

    def drives(self) -> tuple[Drive, ...]:
        """Drives of the word lines of every layer, with the ranges of the activations as they are now."""
        limited = self.hardware.activation.bits is not None
        ranges = (float(_full_scale(activation).detach()) for activation in self.activation)
        return chain_drives(self.hardware, [each if limited else None for each in ranges])

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch classes"]:
        """Logits. The inputs are already codes times LSB, with full scale 1; images come flattened, row after row."""
        drive: float | Tensor = 1.0
        hidden = zip(self.plan, self.linear, self.norm, self.pool, self.activation, strict=False)
        for layer, linear, norm, pool, activation in hidden:
            x = activation(pool(norm(linear(shaped(x, layer), drive))))
            drive = _full_scale(activation)
        logits: Tensor = self.linear[-1](shaped(x, self.plan[-1]), drive)
        return logits
