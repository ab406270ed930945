"""The networks of `benchmarks.train_step` and one training step of each, as hwcore.training.fit takes it.

This file is the one place that repeats the loop of `fit`: when hwcore has a step of its own, `step_of` calls it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.experiments import MAIN_CELL, Document, hardware, mlp
from benchmarks.jobs import data_dir
from benchmarks.peers.interleaved import Step
from hwcore.errors import InvalidInput
from hwcore.layers import sharpen
from hwcore.pipeline.data import JobData, load_data
from hwcore.pipeline.networks import rounded, train_float
from hwcore.pipeline.pace import Pace
from hwcore.spec import CompileJob, parse_job
from hwcore.training import Examples

PLAIN = "plain"
FEW = 20 * 256
TRAINING: Document = {"batch": 256}
NOISE: Document = {"programming": {"type": "additive", "sigma_ratio": 0.02}}
NOISE_TRAINING: Document = {}
"""What a job says so that programming noise is injected in training. Empty: this mho has no such thing, no row."""


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
    **({"smooth, 4 levels, programming noise": _variant(2, NOISE_TRAINING, NOISE)} if NOISE_TRAINING else {}),
}
FOUR, TWO_FIFTY_SIX = "smooth, 4 levels", "smooth, 256 levels"


class Bench:
    """Data and a floating-point network of 20 steps, from which every variant starts.

    Attributes:
        data: of the first variant; all have the same DAC.
        plain_job: what the plain step is trained with.
    """

    def __init__(self, device: torch.device) -> None:
        document = _variant(2, {"float_epochs": 1})
        self.device = device
        self.plain_job = parse_job(document).resolved()
        self.data: JobData = load_data(self.plain_job, data_dir(), device)
        few = replace(self.data, plain=replace(self.data.plain, training=_first(self.data.plain.training)))
        self.trained, _ = train_float(self.plain_job, few, device, Pace.of(self.plain_job, None))

    def plain(self) -> Step:
        """A floating-point step."""
        return step_of(copy.deepcopy(self.trained), self.data.plain.training, self.plain_job, hardware_aware=False)

    def variant(self, name: str) -> Step:
        """A hardware-aware step."""
        job = parse_job(VARIANTS[name]).resolved()
        network = rounded(job, self.trained, self.data, self.device, "least_error")
        return step_of(network, self.data.chip.training, job, hardware_aware=True)


def describable() -> tuple[list[str], list[str]]:
    """Variants that this mho can describe, and a line for each that it cannot."""
    found, refused = [], []
    for name, document in VARIANTS.items():
        try:
            parse_job(document)
            found.append(name)
        except InvalidInput as error:
            refused.append(f"{name}: {error}")
    return found, refused


def step_of(network: torch.nn.Module, examples: Examples, job: CompileJob, *, hardware_aware: bool) -> Step:
    """Fetch a batch, sharpen, forward, backward, optimiser and learning rate; over the whole schedule and again."""
    training = job.training
    batch = training.batch
    steps = len(examples) // batch
    total = steps * training.epochs
    optimizer = _optimizer(network, training.learning_rate, training.weight_decay)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=total)
    order = torch.randperm(len(examples), generator=torch.Generator().manual_seed(0)).to(examples.codes.device)
    smooth = hardware_aware and training.method == "smooth"
    network.train()

    def step(number: int) -> None:
        if smooth:
            sharpen(network, number % total / total, training.schedule)
        first = number % steps * batch
        chosen = order[first : first + batch]
        logits = network(examples.inputs(chosen, torch.float32))
        loss = F.cross_entropy(logits, examples.labels[chosen], label_smoothing=training.label_smoothing)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        decay.step()

    return step


def _first(examples: Examples) -> Examples:
    return replace(examples, codes=examples.codes[:FEW], labels=examples.labels[:FEW])


def _optimizer(network: torch.nn.Module, rate: float, weight_decay: float) -> torch.optim.Optimizer:
    parameters = list(network.parameters())
    groups: list[dict[str, Any]] = [
        {"params": [parameter for parameter in parameters if parameter.ndim > 1]},
        {"params": [parameter for parameter in parameters if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=weight_decay, fused=True)
