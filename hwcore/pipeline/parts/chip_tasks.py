"""Tasks of an evaluation, one a chip: any process that has the network can do any of them, in any order."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from hwcore.spec import SENSITIVITY_CHIPS, Condition, Effect, Examination, everything, looks, shared_by_layers


@dataclass(frozen=True)
class ChipTask:
    """One chip under conditions that differ in time and compensation: it is written once for all of them.

    Attributes:
        number: of the chip.
        conditions: at least one, with the same effects; the answer has a number for each.
    """

    number: int
    conditions: tuple[Condition, ...]

    @property
    def name(self) -> str:
        """Effects, number of the chip, and a digest, e.g. `drift+wires.3-0f1e2d3c4b5a6978` (see `_named`)."""
        return _named(f"{'+'.join(sorted(self.effects))}.{self.number}", self.conditions)

    @property
    def effects(self) -> frozenset[Effect]:
        """Effects of the chip."""
        return self.conditions[0].effects

    @property
    def drawn(self) -> bool:
        """True where one chip differs from another."""
        return self.conditions[0].drawn


@dataclass(frozen=True)
class LayersTask:
    """One chip whose layers take turns: one alone has the effects of `there`, the others those of `everywhere`.

    Attributes:
        number: of the chip.
        everywhere: of all other layers; nothing that is drawn.
        there: of the layer; the answer has a number for each layer.
    """

    number: int
    everywhere: Condition
    there: Condition

    @property
    def name(self) -> str:
        """The number of the chip and a digest, e.g. `each_layer.3-0f1e2d3c4b5a6978` (see `_named`)."""
        return _named(f"each_layer.{self.number}", (self.everywhere, self.there))

    @property
    def effects(self) -> frozenset[Effect]:
        """Effects of all layers together."""
        return self.there.effects | self.everywhere.effects

    @property
    def drawn(self) -> bool:
        """True where one chip differs from another."""
        return self.there.drawn


Task = ChipTask | LayersTask


def _named(prefix: str, conditions: Sequence[Condition]) -> str:
    """Name a task: a prefix for people, and a digest of everything that makes its answer.

    Two tasks have one name only where they are equal: the same chip under the same conditions at the same times. A name
    is compared and looked up; nothing is ever read out of it.

    Args:
        prefix: kind of the task, or its effects, and the number of its chip.
        conditions: all of the task, in their order.
    """
    details = [{**asdict(each), "effects": sorted(each.effects)} for each in conditions]
    text = json.dumps([prefix, details], sort_keys=True)
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def chip_tasks(conditions: Iterable[Condition], chips: int) -> list[ChipTask]:
    """Tasks of judging chips under every condition; one task where all chips are alike.

    Args:
        conditions: each counts once.
        chips: how many to draw for those that differ from chip to chip.
    """
    groups: dict[frozenset[Effect], list[Condition]] = defaultdict(list)
    for condition in dict.fromkeys(conditions):
        groups[condition.effects].append(condition)
    return [
        ChipTask(number, tuple(group)) for group in groups.values() for number in range(chips if group[0].drawn else 1)
    ]


def layers_tasks(chips: int, everywhere: Condition, there: Condition) -> list[LayersTask]:
    """Tasks of judging chips where each layer in turn has the effects.

    Args:
        chips: how many to draw, where `there` differs from chip to chip.
        everywhere: of all other layers; nothing that is drawn.
        there: of the layer.
    """
    return [LayersTask(number, everywhere, there) for number in range(chips if there.drawn else 1)]


def drawn_tasks(examination: Examination) -> list[Task]:
    """Every task whose chip is drawn, in the order in which the evaluation comes to them."""
    asked, chips = looks(examination), examination.chips
    together = everything(asked)
    tasks: list[Task] = [*chip_tasks((look.condition for look in asked), chips)]
    if together.effects:
        tasks += layers_tasks(min(chips, SENSITIVITY_CHIPS), shared_by_layers(examination, together), together)
    return [task for task in tasks if task.drawn]
