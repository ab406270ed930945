"""Mapping of the trained network: what the chip will hold."""

from __future__ import annotations

import copy

import torch
from torch import nn

from hwcore.digital import fold_normalization
from hwcore.errors import TrainingFailed
from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.network import HardwareNetwork
from hwcore.mapping import Digital, MappedActivation, MappedNetwork, Pairs, build_network, line_pairs, place
from hwcore.quant import decision_thresholds


@torch.no_grad()
def map_network(network: HardwareNetwork) -> MappedNetwork:
    """Round every weight to its level and fold all that is digital into one scale and one bias per column.

    Everything is computed in float64 from the trained parameters, on the CPU.

    Raises:
        TrainingFailed: a parameter or a statistic is NaN, to which no level is nearest.
    """
    _without_nan(network)
    levels = network.levels
    contents: dict[str, tuple[Pairs, Digital]] = {}
    drives = network.drives()
    for position, (plan, cells) in enumerate(zip(network.plan, network.cells, strict=True)):
        scale = cells.log_scale.double().exp().expand(cells.outputs) / levels.weights.g_reference
        bias = torch.zeros_like(scale) if cells.bias_in_array else cells.bias.double()
        activation = None
        if position < len(network.norm):
            scale, bias = fold_normalization(scale, bias, network.norm[position])
            activation = _mapped_activation(network.activation[position])
        digital = Digital(scale.cpu().clone(), bias.cpu().clone(), activation)
        pairs = place(cells.value_index(), levels)
        contents[plan.name] = (line_pairs(pairs, plan.window) if drives[position].lines > 1 else pairs), digital
    return build_network(network.plan, network.hardware, levels.tables, contents)


def _without_nan(network: nn.Module) -> None:
    for name, tensor in network.state_dict().items():
        broken = int(tensor.isnan().sum())
        if broken:
            raise TrainingFailed(
                f"{name}: got NaN in {broken} of {tensor.numel()} places; allowed: numbers, to each of which one level "
                "of a cell is nearest. Lower the learning rate"
            )


def _mapped_activation(activation: torch.nn.Module) -> MappedActivation:
    if not isinstance(activation, HardwareActivation):
        raise TypeError(f"activation: got {type(activation).__name__}; allowed: HardwareActivation")
    description = activation.activation
    if description.bits is None:
        return MappedActivation(description.function, None, None)
    levels = unit_levels(description) * copy.deepcopy(activation).double().range.cpu()
    return MappedActivation(description.function, levels, decision_thresholds(levels))
