"""The activation functions, before they are quantised."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor


def _identity(x: Tensor) -> Tensor:
    return x


_FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "identity": _identity,
}


def activation_function(name: str) -> Callable[[Tensor], Tensor]:
    """The function of that name: relu, sigmoid, tanh or identity.

    Raises:
        ValueError: another name.
    """
    if name not in _FUNCTIONS:
        raise ValueError(f"function: got {name!r}; allowed: {', '.join(_FUNCTIONS)}")
    return _FUNCTIONS[name]
