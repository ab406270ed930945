"""Layers that behave like the chip: ordinary `nn.Module`s for anybody's own training loop."""

from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.linear import HardwareLinear, weight_values
from hwcore.layers.mapped import map_network
from hwcore.layers.mlp import FloatMLP, HardwareMLP
from hwcore.layers.sharpen import sharpen

__all__ = [
    "FloatMLP",
    "HardwareActivation",
    "HardwareLinear",
    "HardwareMLP",
    "map_network",
    "sharpen",
    "unit_levels",
    "weight_values",
]
