"""Mapping of the trained network: what the chip will hold."""

from __future__ import annotations

import copy

import torch
from torch import nn

from hwcore.digital import fold_normalization
from hwcore.errors import TrainingFailed
from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.lstm import HardwareLstm
from hwcore.layers.network import HardwareNetwork
from hwcore.mapping import (
    Digital,
    MappedActivation,
    MappedNetwork,
    MappedNode,
    MappedNormalization,
    Pairs,
    build_network,
    line_pairs,
    place,
)
from hwcore.quant import decision_thresholds
from hwcore.spec import Node, Normalize, activation_of


@torch.no_grad()
def map_network(network: HardwareNetwork) -> MappedNetwork:
    """Round every weight to its level and fold all that is digital into one scale and one bias per column.

    Everything is computed in float64 from the trained parameters, on the CPU.

    Raises:
        TrainingFailed: a parameter or a statistic is NaN, to which no level is nearest.
        ValueError: nothing rounds the weights of a layer: it is digital, or the method of the network is identity.
    """
    digital = [plan.name for plan, cells in zip(network.plan, network.layers, strict=True) if not cells.rounds]
    if digital:
        raise ValueError(
            f"network: got unrounded weights in {', '.join(digital)}; allowed: no digital layer or identity"
        )
    _without_nan(network)
    levels = network.levels
    contents: dict[str, tuple[Pairs, Digital]] = {}
    drives = network.drives()
    for plan, cells in zip(network.plan, network.layers, strict=True):
        scale = cells.log_scale.double().exp().expand(cells.outputs) / levels.weights.g_reference
        bias = torch.zeros_like(scale) if cells.bias_in_array else cells.bias.double()
        norm = network.graph.normalization_behind(plan.name)
        if norm is not None:
            scale, bias = fold_normalization(scale, bias, network.module_of(norm.name))
        pairs = place(cells.value_index(), levels)
        lines = line_pairs(pairs, plan.window) if drives[plan.name].lines > 1 else pairs
        contents[plan.name] = lines, Digital(scale.cpu().clone(), bias.cpu().clone())
    graph = network.graph.folded()
    nodes = {node.name: _mapped_node(network.module_of(node.name)) for node in graph.nodes if _has_numbers(node)}
    return build_network(graph, network.hardware, levels.tables, contents, nodes)


def _has_numbers(node: Node) -> bool:
    """Tell whether a node has digital numbers of its own; a recurrent one has those of the codes of its state."""
    return isinstance(node.operation, Normalize) or activation_of(node.operation) is not None


def _mapped_node(module: nn.Module) -> MappedNode:
    if isinstance(module, HardwareLstm):
        module = module.state
    if isinstance(module, HardwareActivation):
        return _mapped_activation(module)
    channels = module.get_parameter("weight").double()
    scale, offset = fold_normalization(torch.ones_like(channels), torch.zeros_like(channels), module)
    return MappedNormalization(scale.cpu().clone(), offset.cpu().clone())


def _without_nan(network: nn.Module) -> None:
    for name, tensor in network.state_dict().items():
        broken = int(tensor.isnan().sum())
        if broken:
            raise TrainingFailed(
                f"{name}: got NaN in {broken} of {tensor.numel()} places; allowed: numbers, to each of which one level "
                "of a cell is nearest. Lower the learning rate"
            )


def _mapped_activation(activation: HardwareActivation) -> MappedActivation:
    description = activation.activation
    if description.bits is None:
        return MappedActivation(activation.function, None, None)
    levels = unit_levels(description, activation.signed) * copy.deepcopy(activation).double().range.cpu()
    return MappedActivation(activation.function, levels, decision_thresholds(levels))
