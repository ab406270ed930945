"""The networks of a job: trained in floating point, rounded, and trained for the hardware."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable

import torch

from hwcore.layers import Awareness, FloatNetwork, HardwareNetwork, noisy_activations, training_effects
from hwcore.pipeline.parts.checkpoint import Keeper
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.pace import HARDWARE_EPOCH, Pace
from hwcore.snapshot import Snapshot
from hwcore.spec import EFFECTS, METRICS, Course, Normalize, times_of
from hwcore.streams import (
    ACTIVATION_NOISE,
    FLOAT_ORDER,
    HARDWARE_ORDER,
    INITIAL_WEIGHTS,
    SETTLING_NOISE,
    TRAINING_NOISE,
    stream,
)
from hwcore.training import EpochRecord, Recipe, ScaleRule, fit, metric_score, settle_normalization, start_from, teach


def train_float(
    course: Course, data: JobData, device: torch.device, pace: Pace, keeper: Keeper | None = None
) -> tuple[FloatNetwork, list[EpochRecord]]:
    """Train in floating point, on the data at full precision; on from the keeper's checkpoint, if it found one."""
    training, epochs = course.training, course.float_epochs
    network = FloatNetwork(
        course.graph,
        course.hardware.activation.function,
        generator=stream(training.seed, INITIAL_WEIGHTS),
    ).to(device)

    def after(record: EpochRecord) -> None:
        message = f"loss {record.loss:.4f}, held-out {METRICS[course.metric].held_out} {record.validation:.4f}"
        pace.step(1.0, "float", message, epoch=record.epoch, epochs=epochs)

    resume = _resumed(keeper, "float", pace, 1.0, epochs)
    order = stream(training.seed, FLOAT_ORDER)
    views = data.plain
    curve = fit(
        network,
        views.training,
        views.validation,
        Recipe(training, epochs),
        generator=order,
        after_epoch=after,
        keep=_keeping(keeper, "float", epochs, resume),
        resume=resume,
    )
    return network, curve


def rounded(
    course: Course, trained: FloatNetwork, data: JobData, device: torch.device, rule: ScaleRule
) -> HardwareNetwork:
    """The floating-point network put on the chip as it is: no training for the hardware.

    Raises:
        ValueError: as for `train_hardware`.
    """
    network = _hardware_network(course, device)
    start_from(network, trained, data.plain.training, rule=rule)
    return network.eval()


def train_hardware(
    course: Course,
    trained: FloatNetwork,
    data: JobData,
    device: torch.device,
    pace: Pace,
    keeper: Keeper | None = None,
    stage: str = "hardware_aware",
) -> tuple[HardwareNetwork, list[EpochRecord]]:
    """Go on from the floating-point network with smooth staircases that sharpen, to the one that the chip will hold.

    At the end the statistics of the normalisation are taken again with hard values, and kept if the held-out images
    agree that this is better. Both are done as the chip will do them: with its wires and its converters, where the job
    is aware of them. Where every chip is calibrated they are those of the chip as designed, and are kept if training
    drew chips. Of an exact course every staircase is the identity, and weights are in units of the largest of their
    column.

    Args:
        course: of the job, resolved.
        trained: the network of the first training, to start from and to learn from.
        data: of the job.
        device: of the training.
        pace: told of every epoch.
        keeper: of checkpoints.
        stage: of the job, for both.

    Raises:
        ArrayTooLarge: the wires of a tile take more memory than there is.
        TrainingFailed: as for `hwcore.training.fit`.
        ValueError: the course has digital layers, and its training effects; or a digital layer that the plan lacks.
    """
    training = course.training
    network = _hardware_network(course, device)
    start_from(
        network,
        trained,
        data.plain.training,
        rule="full_range" if course.exact else "least_error",
        initial_range_ratio=training.initial_range_ratio or 1.0,
    )
    smooth = training.method == "smooth" and not course.exact

    def after(record: EpochRecord) -> None:
        found = f"held-out {METRICS[course.metric].held_out} {record.validation:.4f}"
        message = f"loss {record.loss:.4f}, {found} with hard values"
        pace.step(HARDWARE_EPOCH, stage, message, epoch=record.epoch, epochs=training.epochs)

    views = data.chip
    recipe = Recipe(
        training,
        training.epochs,
        schedule=training.schedule if smooth else None,
        teacher_logits=None if training.distillation is None else teach(trained, data.plain.training),
        input_dropout=training.input_dropout or 0.0,
        hardware_learning_rate=training.hardware_learning_rate,
    )
    steps = len(views.training) // min(training.batch, len(views.training))
    # An epoch ends with a look at the hard weights, on the held-out images; from there batches follow the wires.
    awareness = _awareness(course, TRAINING_NOISE, weight_noise=training.weight_noise, every=1 + steps)
    resume = _resumed(keeper, stage, pace, HARDWARE_EPOCH, training.epochs)
    with (
        training_effects(network, course.hardware, awareness) as effects,
        noisy_activations(
            network,
            stream(training.seed, ACTIVATION_NOISE),
            width=training.activation_noise or 0.0,
            total=training.epochs * steps,
        ) as dither,
    ):
        curve = fit(
            network,
            views.training,
            views.validation,
            recipe,
            generator=stream(training.seed, HARDWARE_ORDER),
            after_epoch=after,
            keep=_keeping(keeper, stage, training.epochs, resume),
            resume=resume,
            stateful={**effects, "activations": dither},
        )
    if any(course.graph.of_kind(Normalize)):
        settled = copy.deepcopy(network)
        # A chip that is calibrated has the statistics of the chip as designed. Those of a training that drew chips are
        # the mean over them, and not to be kept, however they suit the designed one.
        calibrated = course.hardware.calibrated
        drew = any(EFFECTS[effect].drawn for effect in training.aware_of or ())
        settling = _awareness(course, SETTLING_NOISE, drawn=not calibrated)
        with training_effects(settled, course.hardware, settling):
            settle_normalization(settled, views.training)
            better = (calibrated and drew) or metric_score(settled, views.validation) >= curve[-1].validation
        network = settled if better else network
    return network.eval(), curve


def _resumed(keeper: Keeper | None, stage: str, pace: Pace, cost: float, epochs: int) -> Snapshot | None:
    """The snapshot of a stage that the checkpoint holds, and its epochs counted as done."""
    before = None if keeper is None else keeper.before(stage, epochs)
    if before is None:
        return None
    pace.skip(cost * before.epoch)
    pace.step(0.0, stage, f"goes on after epoch {before.epoch}", epoch=before.epoch, epochs=epochs)
    return before.snapshot


def _keeping(
    keeper: Keeper | None, stage: str, epochs: int, resume: Snapshot | None
) -> Callable[[Callable[[], Snapshot]], None] | None:
    """The function that takes the checkpoints of a stage; None where there are none."""
    if keeper is None:
        return None
    before = 0 if resume is None else len(resume.part("curve").values["records"])
    done = itertools.count(before + 1)

    def keep(take: Callable[[], Snapshot]) -> None:
        epoch = next(done)
        keeper.keep(stage, epoch, take, last=epoch == epochs)

    return keep


def _awareness(
    course: Course, purpose: int, *, weight_noise: float = 0.0, every: int = 1, drawn: bool = True
) -> Awareness:
    """The effects that a course trains for.

    Args:
        course: of the network.
        purpose: of the stream of random numbers.
        weight_noise: of the regulariser; statistics are taken without it.
        every: steps from one look at the transfer matrices to the next.
        drawn: with the effects that differ from chip to chip or from read to read.
    """
    return Awareness(
        frozenset(effect for effect in course.training.aware_of or () if drawn or not EFFECTS[effect].drawn),
        stream(course.training.seed, purpose),
        times_of(course.hardware, course.times),
        weight_noise,
        every,
    )


def _hardware_network(course: Course, device: torch.device) -> HardwareNetwork:
    if course.digital and course.training.aware_of:
        names, effects = ", ".join(sorted(course.digital)), ", ".join(course.training.aware_of)
        raise ValueError(f"digital: got {names}; allowed: none with training.aware_of {effects}, any with none")
    return HardwareNetwork(
        course.graph,
        course.hardware,
        method="identity" if course.exact else course.training.method,
        generator=stream(course.training.seed, INITIAL_WEIGHTS),
        digital=course.digital,
    ).to(device)
