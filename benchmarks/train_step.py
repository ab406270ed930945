"""`python -m benchmarks.train_step`: a hardware-aware training step against a plain one, ours and the peers'.

784-512-512-10 with batch normalisation, batch 256, optimiser and data included, two threads; plain and hardware-aware
steps turn by turn in one process, the median of their ratios. Memory: growth of a process of its own.
"""

from __future__ import annotations

import numpy as np
import torch

from benchmarks.figures import Figure
from benchmarks.timed_steps import Measured, Subject, run
from benchmarks.training_step import FOUR, TWO_FIFTY_SIX, VARIANTS, Bench

SUBJECT = Subject(
    "train_step",
    lambda: Bench(torch.device("cpu"), VARIANTS),
    VARIANTS,
    {
        "brevitas": ("brevitas_step.py", ("learned scale", "scale of the largest weight")),
        "aihwkit-lightning": ("aihwkit_lightning_step.py", ("quantised", "quantised, weight noise")),
    },
    widths=(784, 512, 512, 10),
)
LIMIT, LIMIT_LEVELS = 1.25, 1.05


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write train_step.json."""
    return run(SUBJECT, __doc__, figures_of, arguments)


def figures_of(measured: Measured) -> list[Figure]:
    """Ratios of both numbers of levels to the plain step, and to one another."""
    timings, ratios = measured.timings, measured.ratios
    levels = [b / a for a, b in zip(ratios[FOUR], ratios[TWO_FIFTY_SIX], strict=True)]
    return [
        Figure("step_ratio", timings[FOUR].ratio, "x", LIMIT),
        Figure("step_ratio_256_levels", timings[TWO_FIFTY_SIX].ratio, "x", LIMIT),
        Figure("step_ratio_256_over_4", float(np.median(levels)), "x", LIMIT_LEVELS),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
