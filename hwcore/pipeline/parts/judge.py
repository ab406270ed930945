"""Judging of many chips on the whole test set, a thread for each: a chip costs a second and no process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import torch

from hwcore.crossbar import Chip, ChipCache, Foundry, OneLayer
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.chip_tasks import ChipTask, LayersTask, Task, chip_tasks, layers_tasks
from hwcore.pipeline.parts.correct_images import correct_images
from hwcore.pipeline.parts.judged import Judged
from hwcore.pipeline.parts.machine import threads_of
from hwcore.pipeline.parts.offer import Offer
from hwcore.pipeline.parts.pace import Pace
from hwcore.pipeline.parts.tally import measure_of
from hwcore.report import Measure
from hwcore.spec import Condition, Effect
from hwcore.training import Examples

Item = TypeVar("Item")
Result = TypeVar("Result")
AnyTask = TypeVar("AnyTask", bound=Task)
Found = dict[Condition, list[int]]
"""Test images classified right by each chip, or their tally; one number where all chips are alike."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges chips of one network under many conditions.

    Attributes:
        foundry: makes the chips.
        test: images and labels.
        pace: takes a step for every chip.
        offer: of drawn chips to helpers, whose results may come from there; None: all are computed here.
        judged: chips that an earlier attempt judged, and a place for further ones.
        from_helpers: names of the tasks whose answers came from helpers.
        earlier: names of the tasks that an earlier attempt did.
        count: counts the test images that a chip classifies right, or tallies them.
    """

    foundry: Foundry
    test: Examples
    pace: Pace
    offer: Offer | None = None
    judged: Judged = field(default_factory=Judged)
    from_helpers: set[str] = field(default_factory=set)
    earlier: set[str] = field(default_factory=set)
    count: Callable[[MappedNetwork, Chip, Examples], int] = correct_images

    @cached_property
    def measure(self) -> Measure:
        """The measure of the answers."""
        return measure_of(self.test)

    def images_sha256(self) -> str:
        """SHA-256 of the images that chips are judged by and calibrated on: other images would give other answers."""
        digest = hashlib.sha256(repr((self.test.lsb, self.foundry.shared.lsb)).encode())
        for tensor in (self.test.codes, self.test.labels, self.foundry.shared.codes):
            digest.update(repr((tuple(tensor.shape), tensor.dtype)).encode())
            digest.update(tensor.cpu().numpy().tobytes())
        return digest.hexdigest()

    def correct(self, conditions: Iterable[Condition], chips: int) -> Found:
        """Count the test images that each chip classifies right, under every condition.

        A chip is written once for all the times of one set of effects. Conditions without anything that is drawn are
        judged once, as all chips are alike.

        Args:
            conditions: each counts once.
            chips: number of chips to draw for those that differ from chip to chip.
        """
        tasks = chip_tasks(conditions, chips)
        every_chip = self.answers(tasks, lambda task, correct: self._tell(task, correct, chips))
        found: Found = {condition: [] for task in tasks for condition in task.conditions}
        for task, each in zip(tasks, every_chip, strict=True):
            for condition, correct in zip(task.conditions, each, strict=True):
                found[condition].append(correct)
        return found

    def in_each_layer(self, chips: int, everywhere: Condition, there: Condition) -> dict[str, list[int]]:
        """Count them where one layer alone has the effects of `there`, and the others those of `everywhere`.

        Every chip is built once, and its layers take turns.

        Args:
            chips: number of chips to draw, where `there` differs from chip to chip.
            everywhere: of all other layers; nothing that is drawn.
            there: of the layer.

        Returns:
            By name of the layer, of every chip.
        """

        names = [layer.name for layer in self.foundry.network.layers]

        def tell(task: LayersTask, correct: list[int]) -> None:
            named = zip(names, correct, strict=True)
            each = ", ".join(f"{name} {self.measure.value(images):.4f}" for name, images in named)
            self.pace.step(self._cost(task), "evaluation", f"each layer alone: {each}, {_which(there, chips)}")

        found = self.answers(layers_tasks(chips, everywhere, there), tell)
        return {name: list(correct) for name, correct in zip(names, zip(*found, strict=True), strict=True)}

    def answers(self, tasks: Sequence[AnyTask], tell: Callable[[AnyTask, list[int]], None]) -> list[list[int]]:
        """Do tasks, and return their answers in the same order.

        Args:
            tasks: started in this order, but for those that were judged before.
            tell: called with each and its answer as it is done, here or by a helper; if it raises, no further one
                starts.
        """
        before = self._judged_before(tasks)
        left = [task for task in tasks if task.name not in before]

        def done(task: AnyTask, correct: list[int]) -> None:
            # Kept first, as `tell` may raise. Answers of helpers are kept by them.
            if task.name not in self.from_helpers:
                self.judged.found(task.name, correct)
            tell(task, correct)

        answers = before | (self._done(left, done) if left else {})
        return [answers[task.name] for task in tasks]

    def _judged_before(self, tasks: Sequence[AnyTask]) -> dict[str, list[int]]:
        """Take the answers that an earlier attempt found, and count their tasks as done."""
        known = {task: self._plausible(task, self.judged.before.get(task.name)) for task in tasks}
        before = {task: correct for task, correct in known.items() if correct is not None}
        if before:
            self.pace.skip(sum(map(self._cost, before)))
            self.pace.step(0.0, "evaluation", f"goes on after {len(before)} of {len(tasks)} chips")
        self.earlier.update(task.name for task in before)
        return {task.name: correct for task, correct in before.items()}

    def _done(self, tasks: Sequence[AnyTask], tell: Callable[[AnyTask, list[int]], None]) -> dict[str, list[int]]:
        """Do tasks, and return their answers by name."""
        # One thread for each chip: the numbers of a chip do not depend on how many are computed at the same time.
        workers = torch.get_num_threads()
        with threads_of(1), ThreadPoolExecutor(workers) as pool:
            for effects in dict.fromkeys(task.effects for task in tasks):
                self._prepare(pool, effects)
            shared = dict.fromkeys(task.everywhere for task in tasks if isinstance(task, LayersTask))
            others = {everywhere: self.foundry.chip(0, everywhere) for everywhere in shared}
            answers = _each(pool, lambda task: self._answer(task, others), tasks, tell)
        return {task.name: correct for task, correct in zip(tasks, answers, strict=True)}

    def _cost(self, task: Task) -> float:
        return self.pace.chip * self._looks(task)

    def _looks(self, task: Task) -> int:
        """Number of times that its chip goes through the test set, and of counts in its answer."""
        return len(task.conditions) if isinstance(task, ChipTask) else len(self.foundry.network.layers)

    def _prepare(self, pool: ThreadPoolExecutor, effects: frozenset[Effect]) -> None:
        """Prepare what all chips share, a layer a thread."""

        def tell(_: object, __: object) -> None:
            # The pace does not count it, but a job may be cancelled here.
            self.pace.step(0.0, "evaluation", "what all chips share, a layer of it")

        self.foundry.prepare(effects, lambda call, layers: _each(pool, call, layers, tell))

    def _tell(self, task: ChipTask, correct: list[int], chips: int) -> None:
        effects = " + ".join(sorted(task.effects)) or "nothing"
        accuracy = self.measure.value(correct[-1])
        self.pace.step(
            self._cost(task), "evaluation", f"{effects}: {accuracy:.4f}, {_which(task.conditions[-1], chips)}"
        )

    def _answer(self, task: Task, others: Mapping[Condition, Chip]) -> list[int]:
        answer = self._from_helper(task)
        if answer is not None:
            return answer
        return self._one(task) if isinstance(task, ChipTask) else self._each_layer(task, others[task.everywhere])

    def _from_helper(self, task: Task) -> list[int] | None:
        """Take the answer of a helper; None where there is none, or it cannot be one."""
        found = self.offer.result(task.name) if self.offer is not None and task.drawn else None
        answer = self._plausible(task, found)
        if answer is not None:
            self.from_helpers.add(task.name)
        return answer

    def _plausible(self, task: Task, found: Sequence[int] | None) -> list[int] | None:
        """Check an answer of another process; None where there is none, or it cannot be one of this task."""
        if found is None or len(found) != self._looks(task) or not all(map(self.measure.possible, found)):
            return None
        return list(found)

    def _one(self, task: ChipTask) -> list[int]:
        """Judge one chip under several conditions that differ in time and compensation."""
        foundry = self.foundry
        cells = foundry.cells(task.number, task.conditions[0])
        cache = ChipCache()
        chips = (foundry.chip(task.number, condition, cells, cache=cache) for condition in task.conditions)
        return [self.count(foundry.network, chip, self.test) for chip in chips]

    def _each_layer(self, task: LayersTask, others: Chip) -> list[int]:
        foundry, there = self.foundry, task.there
        cells, cache = foundry.cells(task.number, there), ChipCache()
        alone = (OneLayer(layer.name, others) for layer in foundry.network.layers)
        # Read noise starts anew for each layer: its answer does not depend on the layers before it.
        chips = (foundry.chip(task.number, there, cells, cache=cache, alone=one) for one in alone)
        return [self.count(foundry.network, chip, self.test) for chip in chips]


def _each(
    pool: ThreadPoolExecutor,
    call: Callable[[Item], Result],
    items: Iterable[Item],
    tell: Callable[[Item, Result], None],
) -> list[Result]:
    """Make a call for each item on the threads of the pool; if `tell` raises, no further item starts."""
    futures = {pool.submit(call, item): item for item in items}
    try:
        for future in as_completed(futures):
            tell(futures[future], future.result())
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    return [future.result() for future in futures]


def _which(condition: Condition, chips: int) -> str:
    return f"one of {chips} chips" if condition.drawn else "all chips alike"
