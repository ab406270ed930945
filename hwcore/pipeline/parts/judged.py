"""Chips that were judged before: whoever goes on with an evaluation does not look at them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Judged:
    """Answers of the tasks of one evaluation, as they are kept from one attempt to the next.

    An answer is a few whole numbers, and needs nothing of the network: it is kept as soon as it is there.

    Attributes:
        before: answers that an earlier attempt found, by the name of the task.
        found: told of the name and the answer of every other task, as each is done.
    """

    before: Mapping[str, Sequence[int]] = field(default_factory=dict)
    found: Callable[[str, Sequence[int]], None] = lambda task, correct: None
