"""`python -m benchmarks.cnn_step`: a hardware-aware training step of resnet-8 against the fastest floating-point one.

CIFAR-10, batch 128, 2-bit cells with programming noise, 4-bit activations; the default recipe with its distillation and
its noise. Optimiser and data included, two threads, turn by turn in one process, the median of their ratios.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from benchmarks.experiments import MAIN_CELL, Document, hardware
from benchmarks.figures import Figure
from benchmarks.peers.interleaved import Step
from benchmarks.peers.resnet8 import PLAIN_PARTS, WITHOUT_BIASES, ResNet8
from benchmarks.timed_steps import Measured, Subject, run
from benchmarks.training_step import NOISE, Bench

LIMIT = 1.35
SMOOTH = "smooth, 4 levels, programming noise"
DEFAULT_LAYOUT = "plain, torch's default layout"
NO_BIASES = "plain, no biases before normalisation"
OURS = "plain, mho's network"


def _variant(training: Document) -> Document:
    chip = hardware(2, MAIN_CELL, activation_bits=4) | {"input": {"bits": 8}, "noise": NOISE}
    return {
        "dataset": "cifar10",
        "hardware": chip,
        "model": "resnet-8",
        "training": {"batch": 128} | training,
    }


VARIANTS: Mapping[str, Document] = {
    SMOOTH: _variant({}),
    "straight-through, 4 levels, programming noise": _variant({"method": "straight_through"}),
}


class ResidualBench(Bench):
    """Bench of resnet-8, whose plain step is that of torch's own modules with channels last."""

    @property
    def floats(self) -> tuple[str, ...]:
        """Other steps in floating point: the figure is over the fastest."""
        return DEFAULT_LAYOUT, NO_BIASES, OURS

    def plain(self) -> Step:
        """A step of torch's own modules, channels last."""
        return self.in_floating_point(ResNet8(PLAIN_PARTS, channels_last=True))

    def step(self, name: str) -> Step:
        """Step of that name."""
        if name == DEFAULT_LAYOUT:
            return self.in_floating_point(ResNet8(PLAIN_PARTS, channels_last=False))
        if name == NO_BIASES:
            return self.in_floating_point(ResNet8(WITHOUT_BIASES, channels_last=True))
        return super().plain() if name == OURS else super().step(name)


SUBJECT = Subject(
    "cnn_step",
    lambda: ResidualBench(torch.device("cpu"), VARIANTS),
    VARIANTS,
    {
        "brevitas": (
            "brevitas_cnn_step.py",
            ("default layout", "learned scale", "learned scale, default layout", "scale of the largest weight"),
        )
    },
    turns=20,
    turn=5,
)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write cnn_step.json."""
    return run(SUBJECT, __doc__, figures_of, arguments)


def figures_of(measured: Measured) -> list[Figure]:
    """Ratio to the fastest step in floating point."""
    timings = measured.timings
    fastest = min(1.0, *(timings[name].ratio for name in (DEFAULT_LAYOUT, NO_BIASES, OURS)))
    return [Figure("cnn_step_ratio", timings[SMOOTH].ratio / fastest, "x", LIMIT)]


if __name__ == "__main__":
    raise SystemExit(main())
