"""A training step of resnet-8 in Brevitas beside a plain one: 2-bit sign-and-magnitude weights, 4-bit activations."""

from __future__ import annotations

from brevitas.nn import QuantConv2d, QuantLinear, QuantReLU
from brevitas.quant import Int8WeightPerChannelFloat, Int8WeightPerChannelFloatMSE, Uint8ActPerTensorFloat
from plain_step import answer
from resnet8 import PLAIN_PARTS, Parts, ResNet8
from torch import nn

WEIGHT_BITS, ACTIVATION_BITS = 3, 4


def _parts(rule: type) -> Parts:
    def convolve(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Module:
        given = {"weight_quant": rule, "weight_bit_width": WEIGHT_BITS}
        return QuantConv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, **given)

    def rectify() -> nn.Module:
        return QuantReLU(act_quant=Uint8ActPerTensorFloat, bit_width=ACTIVATION_BITS)

    def dense(inputs: int, outputs: int) -> nn.Module:
        return QuantLinear(inputs, outputs, bias=True, weight_quant=rule, weight_bit_width=WEIGHT_BITS)

    return Parts(convolve, rectify, dense)


def _quantised(rule: type, *, channels_last: bool) -> nn.Module:
    return ResNet8(_parts(rule), channels_last=channels_last)


if __name__ == "__main__":
    answer(
        "brevitas",
        {
            "default layout": lambda _: ResNet8(PLAIN_PARTS, channels_last=False),
            "learned scale": lambda _: _quantised(Int8WeightPerChannelFloatMSE, channels_last=True),
            "learned scale, default layout": lambda _: _quantised(Int8WeightPerChannelFloatMSE, channels_last=False),
            "scale of the largest weight": lambda _: _quantised(Int8WeightPerChannelFloat, channels_last=True),
        },
        plain=lambda _: ResNet8(PLAIN_PARTS, channels_last=True),
    )
