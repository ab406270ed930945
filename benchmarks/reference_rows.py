"""Floating-point references of the grid: what defines one, its candidates, and the row of each that was trained."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from benchmarks import row_store
from benchmarks.cases import Case, digest
from benchmarks.figures import commit
from benchmarks.float_networks import budgets, float_network, source_digest
from benchmarks.images import images_of
from hwcore.pipeline.evaluate import network_logits
from hwcore.pipeline.parts.float_reference import best_of, search_reference, train_reference
from hwcore.pipeline.parts.machine import machine, versions
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import ReferenceChoice
from hwcore.training import accuracy

SEARCHED_ON = (0,)
"""Seeds whose held-out images choose, by their mean; the other seeds take what was chosen."""
NOT_OF_REFERENCE = {
    "method",
    "schedule",
    "activation_noise",
    "initial_range_ratio",
    "hardware_learning_rate",
    "aware_of",
    "seed",
}
"""Fields of the training that a reference does not have. What is not known to be one of them counts."""


def reference_group(case: Case) -> str:
    """Digest of all that the references of a case depend on, but for the seed: cases of many chips share them."""
    job = case.job
    return digest(
        {
            "dataset": job.dataset,
            "held_out": case.held_out,
            "images": case.images,
            "model": job.described_model.model_dump(mode="json", exclude_none=True),
            "function": job.described_hardware.activation.function,
            "training": job.training.model_dump(mode="json", exclude=NOT_OF_REFERENCE),
        }
    )


def reference_key(case: Case) -> str:
    """Key of the row that holds the reference of a case: the chosen one, judged on the test images."""
    return f"{reference_group(case)}-{case.job.seed}"


def find_reference_row(case: Case, seeds: tuple[Case, ...], rows: Path, scratch: Path) -> row_store.Row:
    """The row of the reference of a case, searched and trained where it is not there yet.

    Args:
        case: whose seed the reference has.
        seeds: the same case from the seeds that the search is on.
        rows: file that every network is written to as it is trained; what is in it is not trained again.
        scratch: folder for networks.
    """
    done = row_store.read(rows)
    if reference_key(case) in done:
        return done[reference_key(case)]

    def score(choice: ReferenceChoice) -> float:
        return fmean(float(_candidate(each, choice, rows, scratch)["validation"]) for each in seeds)

    candidates = search_reference(case.job.training, score)
    chosen = best_of(candidates)
    row = _candidate(case, chosen.choice, rows, scratch)
    network = _network_of(case, chosen.choice, scratch)
    if network is None:
        network, _ = _train(case, chosen.choice, scratch)
    test = images_of(case, torch.device("cpu")).plain.test
    correct = int((network_logits(network, test).argmax(1) == test.labels.cpu()).sum())
    judged = {
        **row,
        "key": reference_key(case),
        "kind": "reference",
        "test": correct / len(test),
        "searched_on": [each.job.seed for each in seeds],
        "candidates": [{**asdict(each.choice), "validation": each.validation} for each in candidates],
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    row_store.append(rows, judged)
    return judged


def _candidate(case: Case, choice: ReferenceChoice, rows: Path, scratch: Path) -> row_store.Row:
    key = _candidate_key(case, choice)
    found = row_store.read(rows).get(key)
    if found is not None:
        return found
    started = time.perf_counter()
    network, curve = _train(case, choice, scratch)
    row = {
        "key": key,
        "kind": "candidate",
        "group": reference_group(case),
        "experiment": case.experiment,
        "seed": case.job.seed,
        "choice": asdict(choice),
        "validation": accuracy(network, images_of(case, torch.device("cpu")).plain.validation),
        "curve": curve,
        "epochs": {"float_start": budgets(case)[0], "reference": case.job.training.epochs},
        "seconds": round(time.perf_counter() - started, 1),
        "training": case.job.training.model_dump(mode="json", exclude=NOT_OF_REFERENCE - {"seed"}),
        "commit": commit(),
        "hwcore": source_digest(),
        "machine": machine(torch.device("cpu"), torch.get_num_threads()),
        "versions": versions(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    row_store.append(rows, row)
    return row


def _candidate_key(case: Case, choice: ReferenceChoice) -> str:
    return digest({"group": reference_group(case), "seed": case.job.seed, "choice": asdict(choice)})


def _train(case: Case, choice: ReferenceChoice, scratch: Path) -> tuple[torch.nn.Module, list[float]]:
    device = torch.device("cpu")
    start = float_network(case, budgets(case)[0], scratch, device)
    trained: Any = start.network
    pace = Pace.of(case.job.work(), None)
    network, curve = train_reference(case.job.course(), choice, trained, images_of(case, device), device, pace)
    path = _path(case, choice, scratch)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(f".{os.getpid()}")
    torch.save(network, partial)
    partial.replace(path)
    return network, [round(record.validation, 4) for record in curve]


def _network_of(case: Case, choice: ReferenceChoice, scratch: Path) -> torch.nn.Module | None:
    path = _path(case, choice, scratch)
    if not path.is_file():
        return None
    # Written by this user, into a folder of theirs: a whole module, whatever its class.
    found: torch.nn.Module = torch.load(path, weights_only=False)
    return found


def _path(case: Case, choice: ReferenceChoice, scratch: Path) -> Path:
    return scratch / "references" / f"{_candidate_key(case, choice)}-{source_digest()}.pt"


def of_seed(case: Case, seed: int) -> Case:
    """The same case from another seed."""
    training = case.job.training.model_copy(update={"seed": seed})
    return replace(case, seed=seed, job=case.job.model_copy(update={"training": training}))
