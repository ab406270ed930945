"""One row to measure: a corner, a method and a seed, and the digest that says whether it has been measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.experiments import BREVITAS, EXPERIMENTS, Document, Experiment
from hwcore.errors import InvalidInput
from hwcore.spec import CompileJob, parse_compile_job, present_effects, representable

CAME_LATER = {"input_dropout": 0.0, "activation_noise": 0.0, "initial_range_ratio": 1.0}
"""Fields of the training that older rows do not have, and what there was before them."""


@dataclass(frozen=True)
class Case:
    """Case that one row is about.

    Attributes:
        experiment, corner, method, seed: its place in the table.
        job: resolved.
        held_out: share of the training images.
        images: training images used, the first ones; None: all. Only a check run takes fewer.
    """

    experiment: str
    corner: str
    method: str
    seed: int
    job: CompileJob
    held_out: float
    images: int | None = None

    @property
    def peer(self) -> bool:
        """True where another library trains it."""
        return self.method in BREVITAS

    @property
    def key(self) -> str:
        """Digest of everything that defines the run: cases of two places in the table may share a row."""
        content = {
            "job": _without_what_changes_nothing(self.job),
            "method": self.method,
            "held_out": self.held_out,
            "images": self.images,
        }
        return digest(content)

    def __str__(self) -> str:
        return f"{self.experiment} | {self.corner} | {self.method} | seed {self.seed}"


def _without_what_changes_nothing(job: CompileJob) -> Document:
    """The job without its names and without a schedule that is not used; exact cells as the weights they stand for.

    A network meets a cell only through the weights over the largest of them (decision 0003), so that two descriptions
    with the same ones, such as sign-select on linear levels with any on/off ratio, train the same network.
    """
    # What is null is left out: a later version that can describe more asks for the same as this one. A null that
    # comes to mean something else, such as schedule.activation_end, has to be written out here.
    document = job.model_dump(mode="json", exclude={"name", "labels"}, exclude_none=True)
    for name, before in CAME_LATER.items():
        if document["training"][name] == before:
            del document["training"][name]
    hardware = job.described_hardware
    if job.training.method == "straight_through":
        # Nothing sharpens there.
        del document["training"]["schedule"]
    if not present_effects(hardware):
        document["hardware"]["cell"] = [f"{value:.9f}" for value in representable(hardware).normalized]
    return document


def digest(document: Any) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a JSON document, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def cases(names: Iterable[str], seeds: Iterable[int], *, smoke: bool = False) -> tuple[list[Case], list[str]]:
    """The rows of some experiments, seed by seed, so that a stop leaves whole tables of fewer seeds.

    Returns:
        The cases, and one line for each corner that this version of mho cannot describe.
    """
    found, refused = [], []
    for name in names:
        experiment = EXPERIMENTS[name]
        for seed in seeds:
            for corner, document in experiment.corners.items():
                for method in experiment.methods:
                    if seed not in experiment.seeds_of(method):
                        continue
                    try:
                        found.append(_case(experiment, corner, document, method, seed, smoke))
                    except InvalidInput as error:
                        refused.append(f"{name} | {corner}: {error}")
    return found, sorted(set(refused))


def _case(experiment: Experiment, corner: str, document: Document, method: str, seed: int, smoke: bool) -> Case:
    # A peer trains in its own way; the job says the rest, and straight-through is the nearest to what peers do.
    ours = "straight_through" if method in BREVITAS else method
    changed = {**document, "training": {**document["training"], "method": ours, "seed": seed}}
    if method in BREVITAS:
        # It trains weights in their own unit, so the learning rate of floating point is right for them.
        changed["training"]["hardware_learning_rate"] = None
    if smoke:
        changed = _tiny(changed)
    job = parse_compile_job(changed).resolved()
    return Case(experiment.name, corner, method, seed, job, experiment.held_out, 2000 if smoke else None)


def _tiny(document: Document) -> Document:
    """The same chip with a network and a training that take seconds: whether it runs, not how well."""
    model = dict(document["model"])
    model["hidden"] = [16 for _ in model["hidden"]]
    training = {**document["training"], "float_epochs": 2, "epochs": 2, "batch": 64}
    return {**document, "model": model, "training": training, "evaluation": {"chips": 2}}
