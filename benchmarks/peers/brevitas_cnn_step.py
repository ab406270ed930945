"""A training step of resnet-8 in Brevitas beside a plain one: 2-bit sign-and-magnitude weights, 4-bit activations."""

from __future__ import annotations

from functools import partial

from brevitas_network import residual_network
from plain_step import answer
from resnet8 import PLAIN_PARTS, ResNet8

WEIGHT_BITS, ACTIVATION_BITS = 3, 4
quantised = partial(residual_network, WEIGHT_BITS, ACTIVATION_BITS)


if __name__ == "__main__":
    answer(
        "brevitas",
        {
            "default layout": lambda _: ResNet8(PLAIN_PARTS, channels_last=False),
            "learned scale": lambda _: quantised(learned_scale=True),
            "learned scale, default layout": lambda _: quantised(learned_scale=True, channels_last=False),
            "scale of the largest weight": lambda _: quantised(learned_scale=False),
        },
        plain=lambda _: ResNet8(PLAIN_PARTS, channels_last=True),
    )
