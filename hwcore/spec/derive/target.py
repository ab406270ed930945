"""The accuracy from which a chip is good, where the job names none: a point below the network that was trained."""

from typing import Any, Final, Literal

from hwcore.spec.derive.effects import EFFECTS, Effect
from hwcore.spec.jobs.job import CompileJob

ONE_POINT: Final = 0.01


def kept_effects(job: CompileJob) -> tuple[Effect, ...]:
    """The effects of every rung of a resolved job: of those that are kept, those that it trains for and looks at."""
    asked, aware_of = job.evaluation.effects, job.training.aware_of or ()
    return tuple(
        effect
        for effect, row in EFFECTS.items()
        if row.kept and effect in aware_of and (asked is None or effect in asked)
    )


def trained_through_wires(job: CompileJob) -> bool:
    """Whether a resolved job trains through its wires and looks at them: then every rung of an effect has them."""
    return "wires" in kept_effects(job)


def reference_stage(job: CompileJob) -> Literal["wires", "hardware_aware"]:
    """The rung of a resolved job that losses are taken from: the network as it was trained, with wires or without."""
    return "wires" if trained_through_wires(job) else "hardware_aware"


def target_source(job: CompileJob) -> dict[str, Any]:
    """Where the target of a resolved job comes from: the job itself, or a rung of its run less one point."""
    if job.evaluation.target_accuracy is not None:
        return {"type": "given"}
    return {"type": "derived", "rung": reference_stage(job), "less": ONE_POINT}
