"""Latent weights within the range that the cells can represent."""

from __future__ import annotations

import torch
from torch import nn

from hwcore.layers.cells import cell_layers


@torch.no_grad()
def clip_latents(network: nn.Module) -> None:
    """Bring every latent weight beyond the representable ones back to the nearest: theta = min(max(theta, v_0), v_K).

    Beyond v_0 and v_K a staircase is flat: a latent weight out there has no gradient, and without weight decay it would
    stay. Layers whose staircase is the identity, and a bias that is digital, are left alone.

    Args:
        network: any module with layers of cells inside; others have nothing to clip.

    Source: M. Courbariaux, Y. Bengio, J.-P. David 2015, arXiv:1511.00363, which clips the weights of binary networks.
    """
    for layer in cell_layers(network):
        if not layer.rounds:
            continue
        low, high = float(layer.staircase.exact[0]), float(layer.staircase.exact[-1])
        layer.theta.clamp_(low, high)
        if layer.bias_in_array:
            layer.bias.clamp_(low, high)
