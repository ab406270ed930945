"""Statistics of batch normalisation, taken again with the values that the chip will really have."""

from __future__ import annotations

import torch
from torch import nn

from hwcore.quant import Staircase
from hwcore.training.batches import STATISTICS, images_at_once
from hwcore.training.examples import Examples


@torch.no_grad()
def settle_normalization(network: nn.Module, examples: Examples) -> None:
    """Replace the running statistics by the mean over all training images, computed with hard values.

    In training the statistics followed the smooth network of the last few steps; the chip's are slightly others.
    The network is left in evaluation mode.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
    network.train()
    for module in network.modules():
        if isinstance(module, Staircase):
            module.eval()
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches
    if norms:
        # One image has no statistics.
        whole = max(1, len(examples) // max(2, images_at_once(network, numbers=STATISTICS)))
        for codes in torch.arange(len(examples), device=examples.codes.device).tensor_split(whole):
            network(examples.inputs(codes, torch.float32))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
