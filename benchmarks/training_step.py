"""Networks whose training steps are timed, and one step of each, as `hwcore.training.fit` takes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

import torch

from benchmarks.experiments import MAIN_CELL, Document, hardware, mlp
from benchmarks.jobs import data_dir
from benchmarks.peers.interleaved import Step
from hwcore.errors import InvalidInput
from hwcore.layers import noisy_activations, noisy_weights
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.networks import rounded, train_float
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import CompileJob, parse_compile_job
from hwcore.training import Examples, Recipe, TrainingStep, teach

PLAIN = "plain"
FEW = 20
"""Steps in floating point that every network on cells starts from."""
TURNS, TURN = 40, 15
"""Turns of each network, and steps of a turn."""
TRAINING: Document = {"batch": 256}
NOISE: Document = {"programming": {"type": "additive", "sigma_ratio": 0.02}}


def _variant(bits: int, training: Document, noise: Document | None = None) -> Document:
    document = mlp("corners", hardware(bits, MAIN_CELL))
    document["training"] |= TRAINING | training
    if noise is not None:
        document["hardware"]["noise"] = noise
    return document


VARIANTS: Mapping[str, Document] = {
    "smooth, 4 levels": _variant(2, {}),
    "smooth, 256 levels": _variant(8, {}),
    "straight-through, 4 levels": _variant(2, {"method": "straight_through"}),
    "smooth, 4 levels, programming noise": _variant(2, {}, NOISE),
    "smooth, 4 levels, no inputs dropped, no noise": _variant(2, {"input_dropout": 0.0, "activation_noise": 0.0}),
}
FOUR, TWO_FIFTY_SIX = "smooth, 4 levels", "smooth, 256 levels"


class Bench:
    """Data and a floating-point network of a few steps, from which every variant starts.

    Args:
        device: to train on.
        variants: documents of jobs by name, of one network, dataset and DAC.

    Attributes:
        data: of the first variant; all have the same DAC.
        plain_job: what the plain step is trained with.
    """

    def __init__(self, device: torch.device, variants: Mapping[str, Document] = VARIANTS) -> None:
        self.device, self.variants = device, variants
        first = next(iter(variants.values()))
        self.plain_job = parse_compile_job(first | {"training": first["training"] | {"float_epochs": 1}}).resolved()
        self.data: JobData = load_data(self.plain_job.course(), data_dir(), device)
        few = replace(self.data, plain=replace(self.data.plain, training=self._first(self.data.plain.training)))
        self.trained, _ = train_float(self.plain_job.course(), few, device, Pace.of(self.plain_job.work(), None))
        self.teacher_logits = teach(self.trained, self.data.plain.training)

    @property
    def floats(self) -> tuple[str, ...]:
        """Names of further steps in floating point."""
        return ()

    def plain(self) -> Step:
        """A floating-point step."""
        return self.in_floating_point(copy.deepcopy(self.trained))

    def in_floating_point(self, network: torch.nn.Module) -> Step:
        """A floating-point step of this network."""
        return step_of(network, self.data.plain.training, self.plain_job, hardware_aware=False)

    def step(self, name: str) -> Step:
        """The step of that name: plain, or of a variant."""
        return self.plain() if name == PLAIN else self.variant(name)

    def variant(self, name: str) -> Step:
        """A hardware-aware step."""
        job = parse_compile_job(self.variants[name]).resolved()
        network = rounded(job.course(), self.trained, self.data, self.device, "least_error")
        return step_of(network, self.data.chip.training, job, hardware_aware=True, teacher_logits=self.teacher_logits)

    def _first(self, examples: Examples) -> Examples:
        count = FEW * self.plain_job.training.batch
        return replace(examples, codes=examples.codes[:count], labels=examples.labels[:count])


def describable(variants: Mapping[str, Document] = VARIANTS) -> tuple[list[str], list[str]]:
    """Variants that this mho can describe, and a line for each that it cannot."""
    found, refused = [], []
    for name, document in variants.items():
        try:
            parse_compile_job(document)
            found.append(name)
        except InvalidInput as error:
            refused.append(f"{name}: {error}")
    return found, refused


def step_of(
    network: torch.nn.Module,
    examples: Examples,
    job: CompileJob,
    *,
    hardware_aware: bool,
    teacher_logits: torch.Tensor | None = None,
) -> Step:
    """A step of the job's own training. A turn of steps goes on where it is; the turns are spread over the schedule."""
    training = job.training
    batch = training.batch
    steps = len(examples) // batch
    smooth = hardware_aware and training.method == "smooth"
    generator = torch.Generator().manual_seed(0)
    take = TrainingStep(
        network,
        examples,
        Recipe(
            training,
            training.epochs,
            training.schedule if smooth else None,
            teacher_logits if training.distillation is not None else None,
            input_dropout=(training.input_dropout or 0.0) if hardware_aware else 0.0,
            hardware_learning_rate=training.hardware_learning_rate if hardware_aware else None,
        ),
        total=steps * training.epochs,
        generator=generator,
    )
    effects = ExitStack()  # kept open: the noise lasts as long as the step
    if hardware_aware:
        effects.enter_context(
            noisy_weights(
                network,
                job.described_hardware,
                generator,
                effects=training.aware_of or (),
                weight_noise=training.weight_noise,
            )
        )
        width = training.activation_noise or 0.0
        effects.enter_context(noisy_activations(network, generator, width=width, total=steps * training.epochs))
    order = torch.randperm(len(examples), generator=generator).to(examples.codes.device)
    network.train()

    def step(number: int, _effects: ExitStack = effects) -> None:
        if number % TURN == 0:
            take.done = number // TURN % TURNS * take.total // TURNS
        first = number % steps * batch
        take(order[first : first + batch])

    return step
