"""A training step of aihwkit-lightning beside a plain one: weights -3 .. 3 per output, inputs quantised alike.

Its states are `res`: 2^b - 2 of b bits make -(2^(b-1) - 1) .. 2^(b-1) - 1. What enters a layer after a ReLU uses the
upper half: 2 bits. Ranges of the inputs are learned.
"""

from __future__ import annotations

from itertools import pairwise

from aihwkit_lightning.nn import AnalogLinear
from aihwkit_lightning.simulator.configs import (
    TorchInferenceRPUConfig,
    WeightNoiseInjectionType,
    WeightQuantizationType,
)
from plain_step import answer
from torch import nn

WEIGHT_STATES, HIDDEN_STATES, IMAGE_STATES = 2**3 - 2, 2**3 - 2, 2**5 - 2
NOISE = 0.02


def _config(states: int, *, noisy: bool) -> TorchInferenceRPUConfig:
    config = TorchInferenceRPUConfig()
    config.modifier.quantization_type = WeightQuantizationType.DISCRETIZE_PER_CHANNEL
    config.modifier.res = WEIGHT_STATES
    if noisy:
        config.modifier.noise_type = WeightNoiseInjectionType.ADD_NORMAL_PER_CHANNEL
        config.modifier.std_dev = NOISE
    config.forward.inp_res = states
    config.pre_post.input_range.enable = True
    config.pre_post.input_range.learn_input_range = True
    return config


def _network(widths: list[int], *, noisy: bool) -> nn.Module:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        states = HIDDEN_STATES if layers else IMAGE_STATES
        linear = AnalogLinear(inputs, outputs, rpu_config=_config(states, noisy=noisy))
        layers += [linear, nn.BatchNorm1d(outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-2])


def _quantised(widths: list[int]) -> nn.Module:
    return _network(widths, noisy=False)


def _noisy(widths: list[int]) -> nn.Module:
    return _network(widths, noisy=True)


if __name__ == "__main__":
    answer("aihwkit-lightning", {"quantised": _quantised, "quantised, weight noise": _noisy})
