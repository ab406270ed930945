"""Trains resnet-8 with Brevitas, in an interpreter that has it: asked and answered in JSON, on stdin and stdout."""

from __future__ import annotations

import numpy as np
from brevitas_network import residual_network, start_from
from brevitas_training import Request, answer
from torch import nn


def build(request: Request) -> nn.Module:
    """The network of a request, on from its floating-point network."""
    learned = request["learned_scale"]
    network = residual_network(request["weight_bits"], request["activation_bits"], learned_scale=learned)
    start_from(network, np.load(request["network"]), learned_scale=learned)
    return network


if __name__ == "__main__":
    answer(build)
