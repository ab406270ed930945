"""Floating-point networks, trained once for everything that starts from them or is held against them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

import hwcore
from benchmarks.cases import Case, digest
from benchmarks.images import images_of
from hwcore.pipeline.evaluate import network_logits
from hwcore.pipeline.parts.networks import train_float
from hwcore.pipeline.parts.pace import Pace
from hwcore.training import accuracy

NOT_OF_FLOAT = {
    "method",
    "schedule",
    "epochs",
    "distillation",
    "weight_noise",
    "input_dropout",
    "activation_noise",
    "initial_range_ratio",
    "hardware_learning_rate",
    "aware_of",
    "clip_latents",
}
"""Fields of the training that say nothing about floating point. What is not known to be one of them counts."""


@dataclass(frozen=True)
class FloatNetwork:
    """A trained network and what it reached.

    Attributes:
        network: on the CPU, in evaluation mode.
        epochs: passes over the training images.
        validation, test: accuracy, a fraction.
        seconds: of the training.
    """

    network: torch.nn.Module
    epochs: int
    validation: float
    test: float
    seconds: float


def budgets(case: Case) -> tuple[int, int]:
    """Epochs of the network that the case starts from, and of the one that has had as many as the case in all."""
    training = case.job.training
    start = training.float_epochs or training.epochs
    return start, start + training.epochs


def float_key(case: Case, epochs: int) -> str:
    """Digest of all that the network depends on, the source of hwcore included."""
    return digest(
        {
            "dataset": case.job.dataset,
            "held_out": case.held_out,
            "images": case.images,
            "model": case.job.described_model.model_dump(mode="json"),
            "function": case.job.described_hardware.activation.function,
            "training": case.job.training.model_dump(mode="json", exclude=NOT_OF_FLOAT) | {"float_epochs": epochs},
            "hwcore": source_digest(),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
        }
    )


def float_network(case: Case, epochs: int, scratch: Path, device: torch.device) -> FloatNetwork:
    """Read it from the scratch folder, or train it and leave it there; another process that wants it waits."""
    folder = scratch / "float"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{float_key(case, epochs)}.pt"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.is_file():
            # Written by this user a moment ago, into a folder of theirs: a whole module, whatever its class.
            kept: FloatNetwork = torch.load(path, weights_only=False)
            return kept
        found = _train(case, epochs, device)
        partial = path.with_suffix(f".{os.getpid()}")
        torch.save(found, partial)
        partial.replace(path)
        return found


def _train(case: Case, epochs: int, device: torch.device) -> FloatNetwork:
    started = time.perf_counter()
    training = case.job.training.model_copy(update={"float_epochs": epochs})
    job = case.job.model_copy(update={"training": training})
    data = images_of(case, device)
    network, _ = train_float(job.course(), data, device, Pace.of(job.work(), None))
    seconds = time.perf_counter() - started
    test = data.plain.test
    correct = int((network_logits(network, test).argmax(1) == test.labels.cpu()).sum())
    validation = accuracy(network, data.plain.validation)
    return FloatNetwork(network.cpu().eval(), epochs, validation, correct / len(test), round(seconds, 1))


@lru_cache(maxsize=1)
def source_digest() -> str:
    """Digest of the source of hwcore: what a cached network was trained by."""
    root = Path(hwcore.__file__).parent
    found = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        found.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]
