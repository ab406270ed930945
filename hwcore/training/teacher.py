"""The floating-point network as the teacher of the one on the chip."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from hwcore.layers import FloatNetwork
from hwcore.training.batches import images_at_once
from hwcore.training.examples import Examples


class Teacher:
    """Logits of the trained floating-point network: once for all images, or anew for those that were changed.

    Args:
        network: trained; used in evaluation mode and left in it.
        examples: the training images at the full precision of the data, in the order of the pupil's.
        changing: the pupil's inputs are changed at random, so its teacher has to see the same ones.
    """

    def __init__(self, network: FloatNetwork, examples: Examples, *, changing: bool) -> None:
        self.network = network.eval()
        self.logits = None if changing else _logits(network, examples)

    @torch.no_grad()
    def __call__(
        self, chosen: Int64[Tensor, " batch"], inputs: Float[Tensor, "batch inputs"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of the chosen examples.

        Args:
            chosen: their numbers.
            inputs: what the pupil sees of them.
        """
        if self.logits is not None:
            return self.logits[chosen]
        logits: Tensor = self.network(inputs)
        return logits


@torch.no_grad()
def _logits(network: FloatNetwork, examples: Examples) -> Float[Tensor, "examples classes"]:
    batch = images_at_once(network)
    starts = range(0, len(examples), batch)
    return torch.cat([network(examples.inputs(slice(i, i + batch), torch.float32)) for i in starts])
