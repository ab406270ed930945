"""The looks of an examination at its chips: the effects, alone and together, and the times after the write."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hwcore.spec.derive.condition import Condition
from hwcore.spec.derive.effects import EFFECTS, Effect, ages, present_effects, times_of
from hwcore.spec.derive.examination import Examination
from hwcore.spec.derive.stage import ALL, Stage
from hwcore.spec.derive.target import kept_effects
from hwcore.spec.hardware.hardware import Hardware

SENSITIVITY_CHIPS = 5
"""Chips drawn for each layer, at most, to see which one suffers most."""


@dataclass(frozen=True)
class Look:
    """One look at the chips.

    Attributes:
        stage: of the ladder.
        condition: effects and time.
        effect: whose rung it is; None: that of all together.
        on_ladder: whether it is a rung; one that is not stands next to a rung for comparison.
    """

    stage: Stage
    condition: Condition
    effect: Effect | None = None
    on_ladder: bool = True

    @property
    def empty(self) -> bool:
        """True where the chips of this rung are without its effect: a rung that is always on the ladder."""
        return self.effect is not None and self.effect not in self.condition.effects


def looks(examination: Examination) -> list[Look]:
    """Every effect alone in the order of the report, then all together at every time.

    Programming noise has its rung even where there is none or nobody asks for it: then nothing happens on it. An effect
    over time has a rung at every time. All others are looked at at the first one, read noise that grows among them;
    where nothing that is asked for depends on time, that is 0. Where drift is compensated, the same without
    compensation stands next to it. A network that was trained for effects that are kept (`kept_effects`) has them on
    every rung.

    Args:
        examination: of the chips.
    """
    hardware = examination.hardware
    asked = EFFECTS if examination.effects is None else examination.effects
    # They are named in any order.
    effects = tuple(effect for effect in present_effects(hardware) if effect in asked)
    times = times_of(hardware, examination.times) if over_time(examination) else (0.0,)
    kept = kept_effects(examination)
    found: list[Look] = []
    for effect, row in EFFECTS.items():
        present = effect in effects
        if present and row.over_time:
            found += _at_times(effect, [effect, *kept], times, hardware)
        elif present or row.always:
            condition = Condition.of([effect, *kept] if present else kept, times[0])
            found.append(Look(Stage(effect), condition, effect))
    if effects:
        found += _at_times(None, effects, times, hardware)
    return found


def over_time(examination: Examination) -> bool:
    """Tell whether any look depends on time."""
    return ages(examination.hardware, examination.effects)


def shared_by_layers(examination: Examination, together: Condition) -> Condition:
    """The effects of all other layers while one layer has all effects: those that are the same on all chips.

    Where there are no others the one layer has these, and the other layers only those that they were trained for and
    keep.

    Args:
        examination: of the chips.
        together: all effects.
    """
    return Condition.of(together.alike if together.drawn else kept_effects(examination), together.seconds)


def everything(asked: list[Look]) -> Condition:
    """The last rung: all effects together, at the last time; without effects, nothing."""
    return [look.condition for look in asked if look.on_ladder][-1]


def simulated_chips(examination: Examination) -> int:
    """Chips on the whole test set that the examination simulates, those as designed apart."""
    asked, chips = looks(examination), examination.chips
    together = everything(asked)
    looked_at = dict.fromkeys(look.condition for look in asked)
    alone = min(chips, SENSITIVITY_CHIPS) if together.drawn else 1
    of_layers = len(examination.plan) * alone if together.effects else 0
    # What all layers share is looked at once more, for the layers to be compared with.
    of_layers += bool(together.effects and shared_by_layers(examination, together).effects)
    # Converters are looked at once more, with the other range.
    other_range = any(look.effect == "adc" for look in asked)
    return other_range + sum(chips if condition.drawn else 1 for condition in looked_at) + of_layers


def _at_times(
    effect: Effect | None, effects: Collection[Effect], times: tuple[float, ...], hardware: Hardware
) -> list[Look]:
    stages = [Stage(effect or ALL, time) for time in times]
    found = [Look(stage, Condition.of(effects, time), effect) for stage, time in zip(stages, times, strict=True)]
    if Condition.of(effects).compensation(hardware) != "none":
        for stage, time in zip(stages, times, strict=True):
            found.append(Look(stage, Condition.of(effects, time, compensated=False), effect, on_ladder=False))
    return found
