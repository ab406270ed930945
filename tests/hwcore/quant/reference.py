"""The smooth staircase once more, in numpy and one sigmoid after the other, and tables to try it on."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float64
from scipy.special import expit
from torch import Tensor

EQUAL = (-1.0, 0.0, 1.0)
NO_ZERO = (-0.75, -0.2, 0.05, 0.4, 1.0)
"""Of an unsymmetric pair: steps of 0.55, 0.25, 0.35 and 0.6."""
VERY_UNEQUAL = (-1.0, -0.9999, -0.3, -0.2999, 0.0, 0.01, 1.0)


def table(values: Sequence[float]) -> Float64[Tensor, " levels"]:
    return torch.tensor(values, dtype=torch.float64)


def plain(
    theta: np.ndarray, values: np.ndarray, sharpness: float, most: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope, step by step: v_0 + sum d s, sum d beta s (1 - s), with beta = min(sharpness / d, most)."""
    value, slope = np.full_like(theta, values[0]), np.zeros_like(theta)
    for low, high in pairwise(values.tolist()):
        width, middle = high - low, (low + high) / 2
        beta = min(sharpness / width, most)
        rise = expit(beta * (theta - middle))
        value += width * rise
        slope += width * beta * rise * (1 - rise)
    return value, slope
