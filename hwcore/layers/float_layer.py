"""Affine layers in floating point: modules of torch whose weights come from a generator that is passed in."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.spec import LayerPlan


class FloatLayer(nn.Module, ABC):
    """Base of the layers in floating point; it stands before the module of torch: `FloatLinear(FloatLayer, nn.Linear)`.

    The module draws nothing when it is made, so torch's own generator stays where it was.
    """

    @classmethod
    @abstractmethod
    def planned(cls, plan: LayerPlan) -> FloatLayer:
        """The layer of this plan, with weights that nothing has been written to yet."""

    def reset_parameters(self) -> None:
        """Do nothing: `draw` sets the weights."""

    def affine(self) -> tuple[Float[Tensor, "outputs ..."], Float[Tensor, " outputs"]]:
        """Weights and bias.

        Raises:
            AttributeError: the module was made without a bias.
        """
        return self.get_parameter("weight"), self.get_parameter("bias")

    @torch.no_grad()
    def draw(self, generator: torch.Generator | None) -> None:
        """Draw the initial weights that torch draws: uniform between -1/sqrt(inputs) and 1/sqrt(inputs).

        Args:
            generator: source; None: torch's default one.
        """
        weight, bias = self.affine()
        bound = 1.0 / math.sqrt(weight[0].numel())
        for parameter in (weight, bias):
            parameter.uniform_(-bound, bound, generator=generator)
