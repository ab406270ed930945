"""Why a job can fail: the reasons in the `error` of a job, as the worker writes them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

JOB_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "DATASET_UNAVAILABLE": "The dataset is neither in MHO_DATA_DIR nor downloadable; the detail says both ways.",
        "DATASET_INVALID": "A dataset file is truncated, mislabelled or not the published one; replace the named file.",
        "INVALID_INPUT": "The job is not one that this version of the worker runs; the detail names every fault.",
        "TRAINING_FAILED": "The loss stopped being finite; the detail says in which epoch and what to change.",
        "WORKER_LOST": "Workers fell silent as often as the job may be tried (MHO_MAX_ATTEMPTS).",
        "INTERNAL": "A fault of mho; the worker's log has the details.",
    }
)
"""Every reason of a failed job, by name."""
