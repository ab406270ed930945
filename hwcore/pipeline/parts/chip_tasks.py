"""What there is to do to chips, one task a chip: any process that has the network can do any of them, in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hwcore.spec import SENSITIVITY_CHIPS, CompileJob, Condition, Effect, everything, looks, shared_by_layers


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
        """Its effects and the number of its chip, e.g. `drift+wires.3`: no two drawn tasks of a job have the same.

        Nor do others but for one that is looked at twice, where all layers share it: nothing of it depends on time, and
        the answer is the same.
        """
        return f"{'+'.join(sorted(self.effects))}.{self.number}"

    @property
    def effects(self) -> frozenset[Effect]:
        """Those of the chip."""
        return self.conditions[0].effects

    @property
    def drawn(self) -> bool:
        """Whether one chip differs from another."""
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
        """E.g. `each_layer.3`."""
        return f"each_layer.{self.number}"

    @property
    def effects(self) -> frozenset[Effect]:
        """Those of any layer."""
        return self.there.effects | self.everywhere.effects

    @property
    def drawn(self) -> bool:
        """Whether one chip differs from another."""
        return self.there.drawn


Task = ChipTask | LayersTask


def chip_tasks(conditions: Iterable[Condition], chips: int) -> list[ChipTask]:
    """The tasks of looking at chips under every condition; one task where all chips are alike.

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
    """The tasks of looking at each layer alone.

    Args:
        chips: how many to draw, where `there` differs from chip to chip.
        everywhere: of all other layers; nothing that is drawn.
        there: of the layer.
    """
    return [LayersTask(number, everywhere, there) for number in range(chips if there.drawn else 1)]


def drawn_tasks(job: CompileJob) -> list[Task]:
    """Every task of a resolved job whose chip is drawn, in the order in which the evaluation comes to them."""
    asked, chips = looks(job), job.evaluation.chips
    together = everything(asked)
    tasks: list[Task] = [*chip_tasks((look.condition for look in asked), chips)]
    if together.effects:
        tasks += layers_tasks(min(chips, SENSITIVITY_CHIPS), shared_by_layers(job, together), together)
    return [task for task in tasks if task.drawn]
