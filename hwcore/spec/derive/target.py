"""The accuracy from which a chip is good, where the job names none: a point below the network that was trained."""

from typing import Any, Final, Literal

from hwcore.spec.derive.effects import EFFECTS, Effect
from hwcore.spec.derive.examination import Examination
from hwcore.spec.jobs.metric import METRICS

ONE_POINT: Final = 0.01
TENTH_ABOVE: Final = 1.1


def kept_effects(examination: Examination) -> tuple[Effect, ...]:
    """The effects of every rung: of those that are kept, those that were trained for and are looked at."""
    asked, aware_of = examination.effects, examination.aware_of
    return tuple(
        effect
        for effect, row in EFFECTS.items()
        if row.kept and effect in aware_of and (asked is None or effect in asked)
    )


def trained_through_wires(examination: Examination) -> bool:
    """Tell whether the network was trained through wires that are looked at: every rung of an effect has them then."""
    return "wires" in kept_effects(examination)


def reference_stage(examination: Examination) -> Literal["wires", "hardware_aware"]:
    """The rung that losses are taken from: the network as it was trained, with wires or without."""
    return "wires" if trained_through_wires(examination) else "hardware_aware"


def target_source(examination: Examination) -> dict[str, Any]:
    """The origin of the target: the job itself, or a rung of its run less one point, an error times 1.1."""
    if examination.target_accuracy is not None:
        return {"type": "given"}
    if METRICS[examination.metric].falls:
        return {"type": "derived", "rung": reference_stage(examination), "times": TENTH_ABOVE}
    return {"type": "derived", "rung": reference_stage(examination), "less": ONE_POINT}
