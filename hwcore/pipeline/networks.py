"""The networks of a job: trained in floating point, rounded, and trained for the hardware."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager

import torch

from hwcore.layers import FloatNetwork, HardwareNetwork, noisy_weights
from hwcore.pipeline.data import JobData
from hwcore.pipeline.pace import HARDWARE_EPOCH, Pace
from hwcore.spec import CompileJob
from hwcore.streams import FLOAT_ORDER, HARDWARE_ORDER, INITIAL_WEIGHTS, SETTLING_NOISE, TRAINING_NOISE, stream
from hwcore.training import EpochRecord, ScaleRule, accuracy, fit, settle_normalization, start_from, teach


def train_float(
    job: CompileJob, data: JobData, device: torch.device, pace: Pace
) -> tuple[FloatNetwork, list[EpochRecord]]:
    """Train in floating point, on the data at full precision."""
    training = job.training
    epochs = training.float_epochs or training.epochs
    network = FloatNetwork(
        job.plan,
        job.described_hardware.activation.function,
        job.described_model.normalization or "none",
        generator=stream(training.seed, INITIAL_WEIGHTS),
    ).to(device)

    def after(record: EpochRecord) -> None:
        message = f"loss {record.loss:.4f}, held-out accuracy {record.validation:.4f}"
        pace.step(1.0, "float", message, epoch=record.epoch, epochs=epochs)

    order = stream(training.seed, FLOAT_ORDER)
    views = data.plain
    curve = fit(
        network,
        views.training,
        views.validation,
        training,
        epochs=epochs,
        schedule=None,
        generator=order,
        after_epoch=after,
    )
    return network, curve


def rounded(
    job: CompileJob, trained: FloatNetwork, data: JobData, device: torch.device, rule: ScaleRule
) -> HardwareNetwork:
    """The floating-point network put on the chip as it is: no training for the hardware."""
    network = _hardware_network(job, device)
    start_from(network, trained, data.plain.training, rule=rule)
    return network.eval()


def train_hardware(
    job: CompileJob, trained: FloatNetwork, data: JobData, device: torch.device, pace: Pace
) -> tuple[HardwareNetwork, list[EpochRecord]]:
    """Go on from the floating-point network with smooth staircases that sharpen, to the one that the chip will hold.

    At the end the statistics of the normalisation are taken again with hard values, and kept if the held-out images
    agree that this is better.
    """
    training = job.training
    network = _hardware_network(job, device)
    start_from(network, trained, data.plain.training, rule="least_error")

    def after(record: EpochRecord) -> None:
        message = f"loss {record.loss:.4f}, held-out accuracy {record.validation:.4f} with hard values"
        pace.step(HARDWARE_EPOCH, "hardware_aware", message, epoch=record.epoch, epochs=training.epochs)

    views = data.chip
    taught = None if training.distillation is None else teach(trained, data.plain.training)
    with _noise(job, network, TRAINING_NOISE, weight_noise=training.weight_noise):
        curve = fit(
            network,
            views.training,
            views.validation,
            training,
            epochs=training.epochs,
            schedule=training.schedule if training.method == "smooth" else None,
            generator=stream(training.seed, HARDWARE_ORDER),
            taught=taught,
            after_epoch=after,
        )
    if job.described_model.normalization == "batch":
        settled = copy.deepcopy(network)
        with _noise(job, settled, SETTLING_NOISE):
            settle_normalization(settled, views.training)
        if accuracy(settled, views.validation) >= accuracy(network, views.validation):
            network = settled
    return network.eval(), curve


def _noise(
    job: CompileJob, network: HardwareNetwork, purpose: int, *, weight_noise: float = 0.0
) -> AbstractContextManager[None]:
    """What is another in every batch: the noise of the chip, if the job is aware of it, and what a regulariser adds.

    Args:
        job: resolved.
        network: whose weights are drawn.
        purpose: of the stream of random numbers.
        weight_noise: of a regulariser; statistics are taken without it.
    """
    return noisy_weights(
        network,
        job.described_hardware,
        stream(job.training.seed, purpose),
        programmed="programming" in (job.training.aware_of or ()),
        weight_noise=weight_noise,
    )


def _hardware_network(job: CompileJob, device: torch.device) -> HardwareNetwork:
    return HardwareNetwork(
        job.plan,
        job.described_hardware,
        job.described_model.normalization or "none",
        method=job.training.method,
        generator=stream(job.training.seed, INITIAL_WEIGHTS),
    ).to(device)
