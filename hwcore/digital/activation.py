"""Activation of a mapped layer: the function, and the comparison with the thresholds of its levels."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from hwcore.mapping import MappedActivation
from hwcore.quant import activation_function, nearest_value


def activated(z: Float[Tensor, "*shape"], activation: MappedActivation) -> Float[Tensor, "*shape"]:
    """y = f(z), quantised: y = levels[number of thresholds at or below f(z)].

    Args:
        z: outputs of the columns after scale, bias and pooling, without unit.
        activation: function, and levels with their thresholds where it is quantised.
    """
    output = activation_function(activation.function)(z)
    if activation.levels is None or activation.thresholds is None:
        return output
    thresholds, levels = activation.thresholds.to(output.dtype), activation.levels.to(output.dtype)
    return nearest_value(output, thresholds, levels)
