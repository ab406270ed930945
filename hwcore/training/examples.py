"""Labelled inputs as codes of the DAC: a byte each where that does, turned into floats a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64, Integer
from torch import Tensor, nn

from hwcore.spec import Metric
from hwcore.training.batches import images_at_once


@dataclass(frozen=True)
class Examples:
    """Inputs and labels, flattened, on the device of the training.

    Attributes:
        codes: DAC codes.
        lsb: input of code 1, without unit; the largest code is the input 1.
        labels: classes from 0; of `roc_auc` 0 is normal, all else anomalous; of `mean_squared_error` the numbers that a
            network is to find.
        input_shape: of one example: (channels, height, width) of an image, (channels, length) of a series, (units,) of
            a vector; its product is the number of inputs.
        metric: that networks are trained for and judged by.
    """

    codes: Integer[Tensor, "examples inputs"]
    lsb: float
    labels: Int64[Tensor, " examples"] | Float32[Tensor, "examples outputs"]
    input_shape: tuple[int, ...]
    metric: Metric = "accuracy"

    @staticmethod
    def of(
        codes: Integer[np.ndarray, "examples ..."],
        lsb: float,
        labels: Int64[np.ndarray, " examples"] | Float32[np.ndarray, "examples outputs"],
        device: torch.device,
        input_shape: tuple[int, ...] | None = None,
        metric: Metric = "accuracy",
    ) -> Examples:
        """Put numpy arrays on a device, the images flattened.

        Args:
            codes, lsb, labels, metric: as above.
            device: of the training.
            input_shape: as above; None: that of the codes, with one channel in front of (height, width).
        """
        flat = torch.from_numpy(codes.reshape(len(codes), -1)).to(device)
        shape = codes.shape[1:] if codes.ndim != 3 else (1, *codes.shape[1:])
        shape = shape if input_shape is None else input_shape
        return Examples(flat, lsb, torch.from_numpy(labels).to(device), shape, metric)

    def __len__(self) -> int:
        return len(self.labels)

    def inputs(self, chosen: Int64[Tensor, " batch"] | slice, dtype: torch.dtype) -> Float[Tensor, "batch inputs"]:
        """Drives of the word lines for some of the examples."""
        return self.codes[chosen].to(dtype).mul_(self.lsb)

    def targets(
        self, chosen: Int64[Tensor, " batch"] | slice, inputs: Float[Tensor, "batch inputs"]
    ) -> Float[Tensor, "batch outputs"]:
        """Numbers that the outputs are to be, of some of the examples: the inputs themselves of an autoencoder."""
        return inputs if self.metric == "roc_auc" else self.labels[chosen].to(inputs.dtype)


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
