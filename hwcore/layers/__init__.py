"""Layers that behave like the chip: ordinary `nn.Module`s for anybody's own training loop."""

from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.activation_noise import noisy_activations
from hwcore.layers.bit_true import bit_true_outputs
from hwcore.layers.cells import CellLayer, cell_layers, weight_values
from hwcore.layers.computed import Computed
from hwcore.layers.converted import converted_currents
from hwcore.layers.convolution import HardwareConv2d, HardwareConvolution
from hwcore.layers.floating import FloatNetwork
from hwcore.layers.latents import clip_latents
from hwcore.layers.linear import HardwareLinear
from hwcore.layers.lstm import HardwareLstm
from hwcore.layers.mapped import map_network
from hwcore.layers.network import UPDATES, HardwareNetwork, sharpen
from hwcore.layers.node_forms import BatchNorm
from hwcore.layers.training_forms import TRAINING_FORMS, Awareness, training_effects
from hwcore.layers.weight_noise import noisy_weights
from hwcore.layers.wired import wired_weights

__all__ = [
    "TRAINING_FORMS",
    "UPDATES",
    "Awareness",
    "BatchNorm",
    "CellLayer",
    "Computed",
    "FloatNetwork",
    "HardwareActivation",
    "HardwareConv2d",
    "HardwareConvolution",
    "HardwareLinear",
    "HardwareLstm",
    "HardwareNetwork",
    "bit_true_outputs",
    "cell_layers",
    "clip_latents",
    "converted_currents",
    "map_network",
    "noisy_activations",
    "noisy_weights",
    "sharpen",
    "training_effects",
    "unit_levels",
    "weight_values",
    "wired_weights",
]
