"""The residual network of MLPerf Tiny on 32x32 colour images, from parts that are passed in. Needs torch alone.

Source: C. Banbury et al. 2021, arXiv:2106.07597, image classification: three stacks of 16, 32 and 64 channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

IMAGE = (3, 32, 32)
STACKS = ((16, 1), (32, 2), (64, 2))
"""Channels and stride of each stack."""
POOLED = 8
CLASSES = 10


@dataclass(frozen=True)
class Parts:
    """Makers of the modules that a package has of its own.

    Attributes:
        convolve: of input channels, output channels, kernel and stride; its padding keeps the size.
        rectify: makes one activation.
        dense: of inputs and outputs.
        average: makes what follows the mean of the maps; as it is, nothing.
    """

    convolve: Callable[[int, int, int, int], nn.Module]
    rectify: Callable[[], nn.Module]
    dense: Callable[[int, int], nn.Module]
    average: Callable[[], nn.Module] = nn.Identity


def _plain_convolution(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Module:
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)


def _without_bias(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Module:
    # The shortcut, of one pixel, is not normalised and keeps its bias.
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=kernel == 1)


PLAIN_PARTS = Parts(_plain_convolution, nn.ReLU, nn.Linear)
WITHOUT_BIASES = Parts(_without_bias, nn.ReLU, nn.Linear)
"""Parts without the biases that batch normalisation takes away: the same function."""


class Stack(nn.Module):
    """Two convolutions beside a shortcut, which is a convolution of one pixel where the stride is above 1."""

    def __init__(self, inputs: int, outputs: int, stride: int, parts: Parts) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            parts.convolve(inputs, outputs, 3, stride),
            nn.BatchNorm2d(outputs),
            parts.rectify(),
            parts.convolve(outputs, outputs, 3, 1),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity() if stride == 1 else parts.convolve(inputs, outputs, 1, stride)
        self.rectify = parts.rectify()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps of the stack."""
        maps: torch.Tensor = self.rectify(self.branch(x) + self.shortcut(x))
        return maps


class ResNet8(nn.Module):
    """Logits of flattened images.

    Args:
        parts: makers of its modules.
        channels_last: layout of maps and weights in memory; else torch's default.
    """

    def __init__(self, parts: Parts, *, channels_last: bool) -> None:
        super().__init__()
        channels = STACKS[0][0]
        first = (parts.convolve(IMAGE[0], channels, 3, 1), nn.BatchNorm2d(channels), parts.rectify())
        widths = [channels, *(width for width, _ in STACKS)]
        stacks = (Stack(widths[i], width, stride, parts) for i, (width, stride) in enumerate(STACKS))
        self.maps = nn.Sequential(*first, *stacks, nn.AvgPool2d(POOLED), nn.Flatten(), parts.average())
        self.classify = parts.dense(widths[-1], CLASSES)
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        for parameter in self.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=self.layout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        images = x.view(len(x), *IMAGE).contiguous(memory_format=self.layout)
        logits: torch.Tensor = self.classify(self.maps(images))
        return logits
