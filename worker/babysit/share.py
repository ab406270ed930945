"""A share: some tasks of a running attempt that any worker may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """What a helper is told; everything else is in the database and in the blob.

    Args:
        job_id: the job.
        attempt: that runs.
        bundle: SHA-256 of the blob with all that a helper needs.
        tasks: their names, in the order in which they are to be done.
    """

    job_id: str
    attempt: int
    bundle: str
    tasks: tuple[str, ...]


def cut(job_id: str, attempt: int, bundle: str, tasks: Sequence[str], size: int) -> list[Share]:
    """Shares of at most `size` tasks, the last tasks first.

    The attempt's own process comes from the front: so it and a helper meet once, and do not walk beside each other.
    """
    back = tuple(reversed(tasks))
    return [Share(job_id, attempt, bundle, back[start : start + size]) for start in range(0, len(back), size)]
