"""Agreement of the hard network with the chip as designed, code by code, where the digital side has widths."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from hwcore.crossbar import Foundry, simulate
from hwcore.layers import HardwareNetwork, bit_true_outputs
from hwcore.report import CodeAgreement
from hwcore.spec import Condition, Effect
from hwcore.training import Examples, images_at_once

WITHOUT_WIRES: tuple[Effect, ...] = ("adc", "digital")
"""Effects of the chip that the codes are compared on: all that are the same on all chips but wires."""


@torch.no_grad()
def code_agreement(aware: HardwareNetwork, foundry: Foundry, test: Examples) -> CodeAgreement:
    """Compare every output of every node, on all images: sums of arrays, codes of activations, and all between.

    Args:
        aware: the trained network.
        foundry: of its chips, whose digital side has widths.
        test: the images.
    """
    chip = foundry.chip(0, Condition.of(WITHOUT_WIRES))
    exact = copy.deepcopy(aware).double().cpu().eval()
    batch, compared, differing = images_at_once(aware), 0, 0
    for start in range(0, len(test), batch):
        inputs = test.codes[start : start + batch].cpu().double() * test.lsb
        by_chip: dict[str, Tensor] = {}
        simulate(foundry.network, chip, inputs, tell=by_chip.__setitem__)
        for name, output in bit_true_outputs(exact, foundry.network, chip, inputs).items():
            compared += output.numel()
            differing += int((output != by_chip[name]).sum())
    return CodeAgreement(compared, differing)
