"""Labelled inputs as codes of the DAC: one byte per pixel, turned into floats a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from hwcore.training.batches import images_at_once


@dataclass(frozen=True)
class Examples:
    """Inputs and labels, flattened, on the device of the training.

    Attributes:
        codes: DAC codes.
        lsb: input of code 1, without unit; the largest code is the input 1.
        labels: classes from 0.
        image_shape: height and width, pixels; their product is the number of inputs.
    """

    codes: UInt8[Tensor, "examples inputs"]
    lsb: float
    labels: Int64[Tensor, " examples"]
    image_shape: tuple[int, int]

    @staticmethod
    def of(
        codes: UInt8[np.ndarray, "examples height width"],
        lsb: float,
        labels: Int64[np.ndarray, " examples"],
        device: torch.device,
    ) -> Examples:
        """Put numpy arrays on a device, the images flattened."""
        flat = torch.from_numpy(codes.reshape(len(codes), -1)).to(device)
        return Examples(flat, lsb, torch.from_numpy(labels).to(device), codes.shape[1:])

    def __len__(self) -> int:
        return len(self.labels)

    def inputs(self, chosen: Int64[Tensor, " batch"] | slice, dtype: torch.dtype) -> Float[Tensor, "batch inputs"]:
        """Drives of the word lines for some of the examples."""
        return self.codes[chosen].to(dtype).mul_(self.lsb)


@torch.no_grad()
def accuracy(network: nn.Module, examples: Examples, *, dtype: torch.dtype = torch.float32) -> float:
    """Share of the examples whose largest logit is that of their label, in evaluation mode (hard values).

    The network is left in the mode it was in.
    """
    mode = network.training
    network.eval()
    correct = 0
    batch = images_at_once(network)
    for first in range(0, len(examples), batch):
        part = slice(first, first + batch)
        correct += int((network(examples.inputs(part, dtype)).argmax(1) == examples.labels[part]).sum())
    network.train(mode)
    return correct / len(examples)
