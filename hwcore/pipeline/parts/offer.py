"""Chips of an evaluation are offered to whoever has time; what comes back in time is not computed here again."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcore.pipeline.parts.bundle import Bundle
from hwcore.pipeline.parts.chip_tasks import drawn_tasks

MOST_OFFERED = 5_000
"""Tasks that are offered of one job, its last ones: their names have to be told."""


@dataclass(frozen=True)
class Offer:
    """Offer of work on chips to helpers, and the folder of their results.

    Nothing is given away: the evaluation goes through all tasks in their order, and asks for each before it begins it.
    Helpers start from the end.

    Attributes:
        bundle: file for what a helper needs (`hwcore.pipeline.chips_of_bundle`); it is there whole or not at all.
        least: fewest tasks that are worth an offer.
        made: told of the names of the tasks, in their order, once the bundle is there.
        result: what has come of the task of a name; None: nothing yet. Asked from several threads.
        failed: told why the bundle could not be written; then nothing is offered.
    """

    bundle: Path
    least: int
    made: Callable[[list[str]], None]
    result: Callable[[str], Sequence[int] | None]
    failed: Callable[[OSError], None] = lambda error: None


def make_offer(offer: Offer, bundle: Bundle, without: Container[str] = ()) -> None:
    """Offer the drawn tasks of the bundle, if there are enough of them.

    Args:
        offer: where.
        bundle: of the job.
        without: names of those that are done already.
    """
    names = [task.name for task in drawn_tasks(bundle.examination) if task.name not in without][-MOST_OFFERED:]
    if len(names) < offer.least:
        return
    try:
        bundle.write(offer.bundle)
    except OSError as error:
        offer.failed(error)
        return
    offer.made(names)
