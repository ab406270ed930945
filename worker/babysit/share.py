"""Shares: some tasks of a running attempt that any worker may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """Tasks for a helper; everything else is in the database and in the blob.

    Attributes:
        job_id: of the job.
        attempt: number of the one that runs.
        bundle: SHA-256 of the blob with all that a helper needs.
        tasks: names, in the order in which they are to be done.
    """

    job_id: str
    attempt: int
    bundle: str
    tasks: tuple[str, ...]


def cut(job_id: str, attempt: int, bundle: str, tasks: Sequence[str], size: int) -> list[Share]:
    """Cut the tasks of an attempt into shares of at most `size`, the last tasks first.

    The attempt's own process starts with the first task: it and its helpers meet once, somewhere in the middle.
    """
    backwards = tuple(reversed(tasks))
    return [Share(job_id, attempt, bundle, backwards[start : start + size]) for start in range(0, len(tasks), size)]
