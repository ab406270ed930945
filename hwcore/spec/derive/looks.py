"""What a job looks at: which effects, alone and together, and at which times after the write."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hwcore.spec.derive.condition import DRAWN, Condition
from hwcore.spec.derive.effects import EFFECTS, Effect, ageing_effects, present_effects, times_of
from hwcore.spec.derive.target import trained_through_wires
from hwcore.spec.jobs.job import CompileJob

SENSITIVITY_CHIPS = 5
"""Chips drawn for each layer, at most, to see which one suffers most."""


@dataclass(frozen=True)
class Look:
    """One look at the chips.

    Attributes:
        stage: name on the ladder.
        condition: effects and time.
        on_ladder: whether it is a rung; what is not, stands beside one for comparison.
    """

    stage: str
    condition: Condition
    on_ladder: bool = True


def looks(job: CompileJob) -> list[Look]:
    """Every effect alone in the order of the report, drift at every time, then all together at every time.

    Programming noise has its rung even where there is none or nobody asks for it: then nothing happens on it. What does
    not depend on time is looked at at the first time, and so is read noise alone; where nothing that is asked for does,
    that is 0. Where drift is compensated, the same without compensation stands beside it. A network that was trained
    through the wires (`trained_through_wires`) has them on every rung: without them it is none that anybody wants.

    Args:
        job: resolved.
    """
    hardware, evaluation = job.described_hardware, job.evaluation
    asked = EFFECTS if evaluation.effects is None else evaluation.effects
    # In whatever order a job names them.
    effects = tuple(effect for effect in present_effects(hardware) if effect in asked)
    times = times_of(hardware.noise, evaluation.times) if over_time(job) else (0.0,)
    drift = hardware.noise.drift
    compensated = drift is not None and "drift" in effects and drift.compensation != "none"
    written = "programming" in effects
    lines: tuple[Effect, ...] = ("wires",) if trained_through_wires(job) else ()
    found = [Look("programming", Condition.of(["programming", *lines] if written else lines, times[0]))]
    singles = (effect for effect in effects if effect not in ("programming", "drift"))
    found += [Look(effect, Condition.of([effect, *lines], times[0])) for effect in singles]
    if "drift" in effects:
        found += _at_times("drift", ["drift", *lines], times, compensated)
    if effects:
        found += _at_times("all", effects, times, compensated)
    return found


def over_time(job: CompileJob) -> bool:
    """Whether anything that a resolved job looks at depends on time."""
    asked = job.evaluation.effects
    ageing = ageing_effects(job.described_hardware.noise)
    return bool(ageing if asked is None else ageing & set(asked))


def shared_by_layers(job: CompileJob, together: Condition) -> Condition:
    """What all layers have while one of them alone has all effects: wires and converters, as all chips have them.

    Where nothing else is looked at the layer alone has these, and the others only the wires that they were trained for.

    Args:
        job: resolved.
        together: all effects.
    """
    lines: frozenset[Effect] = frozenset({"wires"}) if trained_through_wires(job) else frozenset()
    return Condition.of(together.effects - DRAWN if together.drawn else lines, together.seconds)


def everything(asked: list[Look]) -> Condition:
    """The last rung: all effects together, at the last time; without effects, nothing."""
    return [look.condition for look in asked if look.on_ladder][-1]


def simulated_chips(job: CompileJob) -> int:
    """Chips on the whole test set that the evaluation of a resolved job simulates, those as designed apart."""
    asked, chips = looks(job), job.evaluation.chips
    together = everything(asked)
    looked_at = dict.fromkeys(look.condition for look in asked)
    alone = min(chips, SENSITIVITY_CHIPS) if together.drawn else 1
    of_layers = len(job.plan) * alone if together.effects else 0
    # What all layers share is looked at once more, for the layers to be compared with.
    of_layers += bool(together.effects and shared_by_layers(job, together).effects)
    # Converters are looked at once more, with the other range.
    other_range = any(look.stage == "adc" for look in asked)
    return other_range + sum(chips if condition.drawn else 1 for condition in looked_at) + of_layers


def _at_times(name: str, effects: Collection[Effect], times: tuple[float, ...], compensated: bool) -> list[Look]:
    found = [Look(f"{name}@{seconds_text(time)}", Condition.of(effects, time)) for time in times]
    if compensated:
        uncompensated = (Condition.of(effects, time, compensated=False) for time in times)
        found += [Look(f"{name}@{seconds_text(each.seconds)}", each, on_ladder=False) for each in uncompensated]
    return found


def seconds_text(seconds: float) -> str:
    """Seconds as they stand in the name of a stage: 86400, 0.5, 1e-06."""
    return f"{seconds:.12g}"
