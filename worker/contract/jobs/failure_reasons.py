"""Reasons of failed jobs: the closed list of `error.reason` of a failed job, beside the reasons of `hwcore.errors`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hwcore.errors import (
    DatasetInvalid,
    DatasetUnavailable,
    InvalidInput,
    OutputNotWritable,
    TrainingFailed,
)

WORKER_LOST = "WORKER_LOST"
ATTEMPT_CRASHED = "ATTEMPT_CRASHED"
TIME_LIMIT = "TIME_LIMIT"
OUT_OF_MEMORY = "OUT_OF_MEMORY"
INTERNAL = "INTERNAL"

FAILURE_REASONS: Mapping[str, str] = MappingProxyType(
    {
        InvalidInput.reason: "The document is not valid; correct the fields that are named and post it again.",
        DatasetUnavailable.reason: "The worker has no such dataset and cannot download it: set MHO_DATA_DIR there.",
        DatasetInvalid.reason: "A dataset file is truncated, mislabelled or not the published one, as the detail says.",
        TrainingFailed.reason: "The training diverged: a number that is not finite, or a loss beyond reason; the "
        "detail says which, with which learning rate, and what to change.",
        OutputNotWritable.reason: "The worker cannot keep the artifacts: see the rights and the space of the folder "
        "or bucket that the detail names.",
        OUT_OF_MEMORY: "The job asked for more memory than there is: smaller batch, network, arrays or concurrency.",
        TIME_LIMIT: "The job ran longer than one attempt may (MHO_JOB_SECONDS).",
        ATTEMPT_CRASHED: "The training process died MHO_MAX_ATTEMPTS times in a row with nothing new kept.",
        WORKER_LOST: "Its workers fell silent MHO_MAX_ATTEMPTS times in a row with nothing new kept.",
        INTERNAL: "A fault of mho; the detail has the error and the worker's log the rest. Please report it.",
    }
)
"""Every reason of a failed job, with its meaning."""
