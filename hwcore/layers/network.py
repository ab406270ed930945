"""The network of cells, trained for the chip and in evaluation what the chip computes; and how it is sharpened."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.cells import CellLayer, cell_layers
from hwcore.layers.digital import normalization_of, pooling_of, shaped
from hwcore.layers.kinds import cell_layer
from hwcore.quant import Method, Staircase, hardness_at, sharpness_at
from hwcore.spec import Drive, Hardware, Levels, Normalization, Plan, Sharpening, chain_drives, planned_drives

UPDATES = 128
"""Steps of the schedule: each is a few percent sharper, and a table is sampled anew only so often."""


def _full_scale(activation: nn.Module) -> Tensor:
    # A ModuleList forgets the type of what it holds.
    if not isinstance(activation, HardwareActivation):
        raise TypeError(f"activation: got {type(activation).__name__}; allowed: HardwareActivation")
    return activation.full_scale


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
        self.levels = Levels.of(hardware)
        self.weight_staircase = Staircase(torch.from_numpy(self.levels.weights.normalized), method=method)
        activation = hardware.activation
        steps = None if activation.bits is None else Staircase(unit_levels(activation), method=method)
        normalized = len(plan) - 1 if normalization == "batch" else 0
        self.linear = nn.ModuleList(
            cell_layer(
                layer,
                hardware,
                levels=self.levels,
                staircase=self.weight_staircase,
                normalized=number < normalized,
                lines=drive.lines,
                generator=generator,
            )
            for number, (layer, drive) in enumerate(zip(plan, planned_drives(hardware, len(plan)), strict=True))
        )
        self.norm = nn.ModuleList(normalization_of(layer, normalization) for layer in plan[:-1])
        self.pool = nn.ModuleList(pooling_of(layer) for layer in plan[:-1])
        self.activation = nn.ModuleList(
            HardwareActivation(activation, staircase=steps, normalized=normalization == "batch") for _ in plan[:-1]
        )

    @property
    def cells(self) -> list[CellLayer]:
        """The layers of cells, from input to output. A `ModuleList` forgets the type of what it holds."""
        return cell_layers(self.linear)

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


def sharpen(network: nn.Module, fraction: float, schedule: Sharpening | None = None) -> float:
    """Set sharpness and hardness of every staircase in the network to where the schedule is now, before every step.

    Args:
        network: any module with hardware layers inside.
        fraction: share of the training that is done, 0 to 1.
        schedule: start, the ends of weights and activations, in units of 1/step, and where the hard values come in;
            None: the default of a job.

    Returns:
        The sharpness of the weights, in units of 1/step.
    """
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"fraction: got {fraction}; allowed: the share of the training that is done, 0 to 1")
    schedule = Sharpening() if schedule is None else schedule
    fraction = round(fraction * UPDATES) / UPDATES
    sharpness = sharpness_at(fraction, schedule.start, schedule.end)
    of_activations = sharpness_at(fraction, schedule.start, schedule.end_of_activations)
    hardness = hardness_at(fraction, schedule.hard_from)
    activations = {id(module.staircase) for module in network.modules() if isinstance(module, HardwareActivation)}
    for module in network.modules():
        if isinstance(module, Staircase):
            module.sharpen(of_activations if id(module) in activations else sharpness, hardness)
    return sharpness
