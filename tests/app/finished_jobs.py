"""Jobs in final states, made with the real stores and real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.worker.manifests import digest_in_manifest
from worker.contract import ArtifactStore, Job, JobState, JobStore

DOCUMENT: dict[str, Any] = {
    "name": "bench corner",
    "labels": {"wafer": "7"},
    "hardware": "fefet-2b",
    "dataset": "digits",
    "model": {"type": "mlp", "hidden": [8]},
    "training": {"epochs": 1},
}

LADDER = [
    {"stage": "float", "accuracy": 0.97, "std": None, "count": 360, "chips": None},
    {"stage": "programming", "accuracy": 0.95, "std": 0.004, "count": 360, "chips": 25},
]


def layer_arrays(by_columns: bool = False) -> dict[str, np.ndarray]:
    """Two small layers as the export stage writes them; the second holds every kind of awkward number."""
    generator = np.random.Generator(np.random.PCG64(0))
    arrays: dict[str, np.ndarray] = {}
    for name, shape in {"fc1": (65, 8), "fc2": (9, 10)}.items():
        for side in ("pos", "neg"):
            arrays[f"{name}/g_{side}"] = generator.uniform(1e-6, 5e-5, shape)
            arrays[f"{name}/code_{side}"] = generator.integers(0, 4, shape, dtype=np.uint8)
    arrays["fc2/g_pos"][0, 0] = 0.0
    arrays["fc2/g_neg"][0, 1] = 1 / 3
    return {key: np.asfortranarray(value) if by_columns else value for key, value in arrays.items()}


def succeeded_job(
    jobs: JobStore, artifacts: ArtifactStore, arrays: dict[str, np.ndarray] | None = None, **files: bytes
) -> Job:
    """A job that has run to its end, with its files in the artifact store."""
    job = jobs.create(DOCUMENT, name=DOCUMENT["name"], labels=DOCUMENT["labels"])
    running = jobs.claim(job.id, "tests", lease_seconds=60)
    assert running is not None
    folder = artifacts.staging(job.id, running.attempt)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "conductances.npz", **(layer_arrays() if arrays is None else arrays))
    (folder / "report.json").write_text(json.dumps({"format": "mho.report/1", "ladder": LADDER}))
    (folder / "manifest.json").write_text(json.dumps({"files": {}}))
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    manifest = artifacts.commit(job.id, running.attempt)
    done = jobs.finish(job.id, running.attempt, JobState.SUCCEEDED, result={"ladder": LADDER}, artifacts=manifest)
    assert done
    return jobs.get(job.id)


def failed_job(jobs: JobStore) -> Job:
    """A job that failed."""
    job = jobs.create(DOCUMENT)
    running = jobs.claim(job.id, "tests", lease_seconds=60)
    assert running is not None
    jobs.finish(
        job.id, running.attempt, JobState.FAILED, error={"reason": "TRAINING_FAILED", "detail": "the loss is NaN"}
    )
    return jobs.get(job.id)


def stored_path(jobs: JobStore, artifacts: ArtifactStore, job: Job, name: str) -> Path:
    """The file in which an artifact is kept."""
    path = artifacts.blobs.local_path(digest_in_manifest(jobs, job.id, name))
    assert path is not None
    return path
