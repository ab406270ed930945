"""Names of tasks: one for each answer."""

from dataclasses import replace
from itertools import combinations

from hwcore.pipeline.parts.chip_tasks import ChipTask, LayersTask, Task
from hwcore.spec import Condition

DRIFT = Condition.of(["drift", "wires"], 86400.0)
ONE = ChipTask(3, (DRIFT,))
LAYERS = LayersTask(3, Condition.of(["wires"], 86400.0), DRIFT)


def test_a_name_is_of_effects_chip_and_digest() -> None:
    assert ONE.name == "drift+wires.3-329d08d6de9b275e"
    assert LAYERS.name == "each_layer.3-bfc270ddd6c564cf"


def test_equal_tasks_have_one_name_however_their_effects_are_listed() -> None:
    assert ChipTask(3, (Condition.of(["wires", "drift"], 86400.0),)).name == ONE.name
    assert replace(LAYERS).name == LAYERS.name


def test_tasks_that_differ_in_anything_have_different_names() -> None:
    later, uncompensated = replace(DRIFT, seconds=86400.5), replace(DRIFT, compensated=False)
    tasks: list[Task] = [
        ONE,
        ChipTask(4, (DRIFT,)),
        ChipTask(3, (later,)),
        ChipTask(3, (uncompensated,)),
        ChipTask(3, (DRIFT, later)),
        ChipTask(3, (later, DRIFT)),
        ChipTask(3, (Condition.of(["drift"], 86400.0),)),
        ChipTask(3, (LAYERS.everywhere, LAYERS.there)),
        LAYERS,
        replace(LAYERS, number=4),
        replace(LAYERS, there=later),
        replace(LAYERS, everywhere=Condition.of([], 86400.0)),
    ]
    assert not [(one, other) for one, other in combinations(tasks, 2) if one.name == other.name]
