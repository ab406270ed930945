"""Labelled inputs as codes of the DAC: a byte each where that does, turned into floats a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64, Integer
from torch import Tensor, nn

from hwcore.training.batches import images_at_once


@dataclass(frozen=True)
class Examples:
    """Inputs and labels, flattened, on the device of the training.

    Attributes:
        codes: DAC codes.
        lsb: input of code 1, without unit; the largest code is the input 1.
        labels: classes from 0.
        input_shape: of one example: (channels, height, width) of an image, (channels, length) of a series, (units,) of
            a vector; its product is the number of inputs.
    """

    codes: Integer[Tensor, "examples inputs"]
    lsb: float
    labels: Int64[Tensor, " examples"]
    input_shape: tuple[int, ...]

    @staticmethod
    def of(
        codes: Integer[np.ndarray, examples * shape],
        lsb: float,
        labels: Int64[np.ndarray, " examples"],
        device: torch.device,
        input_shape: tuple[int, ...] | None = None,
    ) -> Examples:
        """Put numpy arrays on a device, the images flattened.

        Args:
            codes, lsb, labels: as above.
            device: of the training.
            input_shape: as above; None: that of the codes, with one channel in front of (height, width).
        """
        flat = torch.from_numpy(codes.reshape(len(codes), -1)).to(device)
        shape = codes.shape[1:] if codes.ndim != 3 else (1, *codes.shape[1:])
        return Examples(flat, lsb, torch.from_numpy(labels).to(device), shape if input_shape is None else input_shape)

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
