"""Times several training steps against a plain one, turn by turn, so that what else the machine does hits all alike.

Needs torch alone: it runs in mho's interpreter and in that of the peers.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Step = Callable[[int], None]
"""One training step; takes its number."""


@dataclass(frozen=True)
class Timing:
    """Cost of one variant.

    Attributes:
        ratio: median over the rounds of its step over the plain steps just before and after.
        ratio_low, ratio_high: quartiles of the same.
        seconds: median of one step.
        rounds: number of them.
    """

    ratio: float
    ratio_low: float
    ratio_high: float
    seconds: float
    rounds: int


def interleave(
    plain: Step,
    variants: Mapping[str, Step],
    *,
    rounds: int,
    steps: int,
    warm_up: int,
    wait: Callable[[], None] = lambda: None,
) -> tuple[float, dict[str, Timing], dict[str, list[float]]]:
    """Plain, first variant, plain, second variant, ..., plain; and again, every other round backwards.

    Args:
        plain: the step that the others are measured by.
        variants: by name.
        rounds: how often all of it is done.
        steps: of one turn.
        warm_up: steps of each before the clock runs.
        wait: until a device that runs beside the processor is done; called before the clock is read.

    Returns:
        Seconds of a plain step (median), the timing of every variant, and all ratios by variant.
    """
    counts = dict.fromkeys(["", *variants], 0)

    def turn(name: str, step: Step, count: int) -> float:
        wait()
        started = time.perf_counter()
        for number in range(counts[name], counts[name] + count):
            step(number)
        wait()
        counts[name] += count
        return (time.perf_counter() - started) / count

    for name, step in {"": plain, **variants}.items():
        turn(name, step, warm_up)
    plain_seconds: list[float] = []
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    ratios: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(rounds):
        names = list(variants) if number % 2 == 0 else list(variants)[::-1]
        before = turn("", plain, steps)
        plain_seconds.append(before)
        for name in names:
            taken = turn(name, variants[name], steps)
            after = turn("", plain, steps)
            plain_seconds.append(after)
            seconds[name].append(taken)
            ratios[name].append(2 * taken / (before + after))
            before = after
    timings = {name: _timing(ratios[name], seconds[name]) for name in variants}
    return statistics.median(plain_seconds), timings, ratios


def _timing(ratios: list[float], seconds: list[float]) -> Timing:
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else [ratios[0]] * 3
    return Timing(middle, low, high, statistics.median(seconds), len(ratios))
