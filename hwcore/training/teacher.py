"""The floating-point network as the teacher of the one on the chip."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.layers import FloatNetwork
from hwcore.training.batches import images_at_once
from hwcore.training.examples import Examples


@torch.no_grad()
def teach(network: FloatNetwork, examples: Examples) -> Float[Tensor, "examples classes"]:
    """Logits of the trained floating-point network for every training image, computed once.

    A pupil whose images are moved at random gets the logits of the image as it lies: the teacher has seen it both ways,
    and a step costs no second network.

    Args:
        network: trained; left in evaluation mode.
        examples: the training images at the full precision of the data, in the order of the pupil's.
    """
    network.eval()
    batch = images_at_once(network)
    starts = range(0, len(examples), batch)
    return torch.cat([network(examples.inputs(slice(i, i + batch), torch.float32)) for i in starts])
