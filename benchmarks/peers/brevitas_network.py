"""Networks in Brevitas: weights quantised by output, batch normalisation, quantised ReLU. No mho here."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from brevitas.nn import QuantConv2d, QuantIdentity, QuantLinear, QuantReLU
from brevitas.quant import Int8WeightPerChannelFloat, Int8WeightPerChannelFloatMSE, Uint8ActPerTensorFloat
from resnet8 import Parts, ResNet8
from torch import nn


def quantised_network(widths: list[int], weight_bits: int, activation_bits: int, *, learned_scale: bool) -> nn.Module:
    """Linear, normalisation, activation, ..., linear.

    Args:
        widths: units from input to output.
        weight_bits: of a narrow-range integer: 2 bits are three values.
        activation_bits: unsigned, range learned.
        learned_scale: a scale per output that starts at the least squared error; else that of its largest weight.
    """
    rule = Int8WeightPerChannelFloatMSE if learned_scale else Int8WeightPerChannelFloat
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers.append(QuantLinear(inputs, outputs, bias=True, weight_quant=rule, weight_bit_width=weight_bits))
        if len(layers) < 3 * (len(widths) - 2):
            layers.append(nn.BatchNorm1d(outputs))
            layers.append(QuantReLU(act_quant=Uint8ActPerTensorFloat, bit_width=activation_bits))
    return nn.Sequential(*layers)


def _residual_parts(weight_bits: int, activation_bits: int, *, learned_scale: bool) -> Parts:
    rule = Int8WeightPerChannelFloatMSE if learned_scale else Int8WeightPerChannelFloat
    weights = {"weight_quant": rule, "weight_bit_width": weight_bits}
    activations = {"act_quant": Uint8ActPerTensorFloat, "bit_width": activation_bits}

    def convolve(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Module:
        return QuantConv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, **weights)

    def dense(inputs: int, outputs: int) -> nn.Module:
        return QuantLinear(inputs, outputs, bias=True, **weights)

    return Parts(convolve, lambda: QuantReLU(**activations), dense, lambda: QuantIdentity(**activations))


def residual_network(
    weight_bits: int, activation_bits: int, *, learned_scale: bool, channels_last: bool = True
) -> nn.Module:
    """resnet-8 of quantised modules, its means of maps quantised as well.

    Args:
        weight_bits, activation_bits, learned_scale: as for `quantised_network`.
        channels_last: layout of maps and weights in memory.
    """
    parts = _residual_parts(weight_bits, activation_bits, learned_scale=learned_scale)
    return ResNet8(parts, channels_last=channels_last)


def start_from(network: nn.Module, trained: np.lib.npyio.NpzFile, *, learned_scale: bool) -> None:
    """Copy the weights and statistics of the float network; a learned scale starts anew, from these weights."""
    linear = [layer for layer in network.modules() if isinstance(layer, QuantConv2d | QuantLinear)]
    norm = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    with torch.no_grad():
        for number, layer in enumerate(linear):
            layer.weight.copy_(torch.from_numpy(trained[f"linear.{number}.weight"]))
            layer.bias.copy_(torch.from_numpy(trained[f"linear.{number}.bias"]))
            if learned_scale:
                layer.weight_quant.init_tensor_quant()
        for number, layer in enumerate(norm):
            for name in ("weight", "bias", "running_mean", "running_var"):
                getattr(layer, name).copy_(torch.from_numpy(trained[f"norm.{number}.{name}"]))
