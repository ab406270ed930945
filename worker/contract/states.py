"""The states of a job and the only moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[JobState, frozenset[JobState]] = MappingProxyType(
    {
        JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
        # Back to queued: the worker was lost or is shutting down, and the job runs again.
        JobState.RUNNING: frozenset({JobState.QUEUED, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}),
        JobState.SUCCEEDED: frozenset(),
        JobState.FAILED: frozenset(),
        JobState.CANCELLED: frozenset(),
    }
)
"""States that may follow each state."""

FINAL: frozenset[JobState] = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""The states that a job never leaves."""


def sources(target: JobState) -> tuple[JobState, ...]:
    """The states from which `target` may be reached, in the order of the enum."""
    return tuple(state for state in JobState if target in TRANSITIONS[state])
