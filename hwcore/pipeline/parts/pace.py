"""The share of a job that is done, and the time of each stage."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hwcore.progress import Progress, ProgressCallback
from hwcore.spec import Work, simulated_chips

HARDWARE_EPOCH = 1.4
"""Cost of a hardware-aware epoch, in floating-point epochs of the same network."""
CHIP = 0.15
"""Cost of one chip on the test set, in the same unit."""
CONVOLVED_CHIP = 0.25
"""The same for a network with convolutions, which the arrays compute position by position."""
REST = 0.3
"""Cost of loading, mapping and writing, each, in the same unit."""
ENOUGH_TO_TELL = 0.02
"""Fraction of the job that must have been done before the time of the rest is estimated."""


@dataclass
class Pace:
    """Turns steps of known cost into the fraction done, and keeps the clock.

    Attributes:
        callback: told of every step; None: nobody listens.
        total: cost of the whole job, in floating-point epochs.
        chip: cost of one chip on the test set, in the same unit.
        done: cost so far.
        seconds: wall-clock time of every stage that has ended.
        peak_bytes: largest resident memory of the process by the end of every stage.
        skipped: cost that was done before this process began: it counts as done, and tells nothing of the pace.
        clock: the time, in s.
        began: time of the clock when the work began.
    """

    callback: ProgressCallback | None
    total: float
    chip: float = CHIP
    done: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)
    skipped: float = 0.0
    clock: Callable[[], float] = time.monotonic
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    @staticmethod
    def of(work: Work, callback: ProgressCallback | None) -> Pace:
        """Plan the work of a resolved job."""
        chip = CONVOLVED_CHIP if any(layer.window.moves for layer in work.plan) else CHIP
        looks = work.looks + (0 if work.examination is None else simulated_chips(work.examination))
        training = work.float_epochs + HARDWARE_EPOCH * (work.reference_epochs + work.hardware_epochs)
        return Pace(callback, training + chip * looks + 3 * REST, chip)

    def step(
        self, cost: float, stage: str, message: str, *, epoch: int | None = None, epochs: int | None = None
    ) -> None:
        """Count something of this cost as done, and tell it."""
        self.done = min(self.done + cost, self.total)
        if self.callback is not None:
            self.callback(Progress(stage, epoch, epochs, self.done / self.total, message, self.seconds_left()))

    def skip(self, cost: float) -> None:
        """Count something as done that this process found done already."""
        self.done = min(self.done + cost, self.total)
        self.skipped = min(self.skipped + cost, self.total)

    def seconds_left(self) -> float | None:
        """Time that the rest takes at the pace so far, s; None before there is enough to tell."""
        worked = self.done - self.skipped
        if worked < ENOUGH_TO_TELL * self.total:
            return None
        return round((self.clock() - self.began) * (self.total - self.done) / worked, 1)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)
        self.peak_bytes[name] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
