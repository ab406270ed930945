"""The accuracy from which a chip is good, where the job names none: a point below the network that was trained."""

from typing import Any, Final, Literal

from hwcore.spec.jobs.job import CompileJob

ONE_POINT: Final = 0.01


def trained_through_wires(job: CompileJob) -> bool:
    """Whether a resolved job trains through its wires and looks at them: then every rung of an effect has them."""
    looked_at = job.evaluation.effects is None or "wires" in job.evaluation.effects
    return looked_at and "wires" in (job.training.aware_of or ())


def reference_stage(job: CompileJob) -> Literal["wires", "hardware_aware"]:
    """The rung of a resolved job that losses are told from: the network as it was trained, with wires or without."""
    return "wires" if trained_through_wires(job) else "hardware_aware"


def target_source(job: CompileJob) -> dict[str, Any]:
    """Where the target of a resolved job comes from: the job itself, or a rung of its run less one point."""
    if job.evaluation.target_accuracy is not None:
        return {"type": "given"}
    return {"type": "derived", "rung": reference_stage(job), "less": ONE_POINT}
