"""The optimisers of torch, without its compiler: a process that trains one small network starts two seconds sooner."""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from hwcore.spec import Training

COMPILED_AROUND = ("add_param_group", "load_state_dict", "state_dict", "step", "zero_grad")
"""Methods that torch wraps for `torch.compile`: a wrapper that is called loads torch._dynamo, and with it sympy."""

Kind = TypeVar("Kind", bound=Optimizer)


def without_compiler(kind: type[Kind]) -> type[Kind]:
    """A subclass of an optimiser whose methods are those below torch's wrappers for `torch.compile`.

    The arithmetic is that of the class itself. Where torch does not wrap a method, it is taken as it is.
    """
    plain: dict[str, Any] = {name: inspect.unwrap(getattr(kind, name)) for name in COMPILED_AROUND}
    return type(kind.__name__, (kind,), {**plain, "step": torch.no_grad()(plain["step"])})


Sgd = without_compiler(SGD)
DecoupledAdam = without_compiler(AdamW)


def optimizer_of(network: nn.Module, settings: Training, learning_rate: float) -> Optimizer:
    """The optimiser that a training asks for, over the parameters that learn.

    Weights decay, and nothing else: a logarithm of a scale or a range that decays would pull the scale towards 1.
    """
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [parameter for parameter in parameters if parameter.ndim > 1]},
        {"params": [parameter for parameter in parameters if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    if settings.optimizer == "sgd":
        return Sgd(groups, lr=learning_rate, momentum=0.9, weight_decay=settings.decay)
    return DecoupledAdam(groups, lr=learning_rate, weight_decay=settings.decay, fused=True)
