"""Many chips on the whole test set, a thread for each: a chip costs a second and no process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.crossbar import Chip, ChipArray, ChipCache, Foundry, OneLayer, as_designed, classify
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.parts.chip_tasks import ChipTask, LayersTask, Task, chip_tasks, layers_tasks
from hwcore.pipeline.parts.judged import Judged
from hwcore.pipeline.parts.machine import threads_of
from hwcore.pipeline.parts.offer import Offer
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import Condition, Effect
from hwcore.training import Examples

Item = TypeVar("Item")
Result = TypeVar("Result")
AnyTask = TypeVar("AnyTask", bound=Task)
Found = dict[Condition, list[int]]
"""Test images classified right by each chip; one number where all chips are alike."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Looks at chips of one network under many conditions.

    Attributes:
        foundry: makes the chips.
        test: images and labels.
        pace: told of every chip.
        offer: where results of drawn chips may come from; None: all are computed here.
        judged: chips that an earlier attempt judged, and who is told of further ones.
        elsewhere: names of the tasks whose results came from others.
        earlier: names of those that were judged before.
    """

    foundry: Foundry
    test: Examples
    pace: Pace
    offer: Offer | None = None
    judged: Judged = field(default_factory=Judged)
    elsewhere: set[str] = field(default_factory=set)
    earlier: set[str] = field(default_factory=set)

    def images_sha256(self) -> str:
        """SHA-256 of what chips are judged by and calibrated on: on other images other numbers would be found."""
        digest = hashlib.sha256(repr((self.test.lsb, self.foundry.shared.lsb)).encode())
        for tensor in (self.test.codes, self.test.labels, self.foundry.shared.codes):
            digest.update(repr((tuple(tensor.shape), tensor.dtype)).encode())
            digest.update(tensor.cpu().numpy().tobytes())
        return digest.hexdigest()

    def correct(self, conditions: Iterable[Condition], chips: int) -> Found:
        """How many test images each chip classifies right, under every condition.

        A chip is written once for all the times of one set of effects. Conditions without anything that is drawn are
        looked at once, as all chips are alike.

        Args:
            conditions: each counts once.
            chips: how many to draw for those that differ from chip to chip.
        """
        tasks = chip_tasks(conditions, chips)
        every_chip = self.answers(tasks, lambda task, correct: self._tell(task, correct, chips))
        found: Found = {condition: [] for task in tasks for condition in task.conditions}
        for task, each in zip(tasks, every_chip, strict=True):
            for condition, correct in zip(task.conditions, each, strict=True):
                found[condition].append(correct)
        return found

    def in_each_layer(self, chips: int, everywhere: Condition, there: Condition) -> dict[str, list[int]]:
        """The same where one layer alone has the effects of `there`, and the others those of `everywhere`.

        Every chip is built once, and its layers take turns.

        Args:
            chips: how many to draw, where `there` differs from chip to chip.
            everywhere: of all other layers; nothing that is drawn.
            there: of the layer.

        Returns:
            By name of the layer, of every chip.
        """

        names = [layer.name for layer in self.foundry.network.layers]

        def tell(task: LayersTask, correct: list[int]) -> None:
            named = zip(names, correct, strict=True)
            each = ", ".join(f"{name} {images / len(self.test):.4f}" for name, images in named)
            self.pace.step(self._cost(task), "evaluation", f"each layer alone: {each}, {_which(there, chips)}")

        found = self.answers(layers_tasks(chips, everywhere, there), tell)
        return {name: list(correct) for name, correct in zip(names, zip(*found, strict=True), strict=True)}

    def answers(self, tasks: Sequence[AnyTask], tell: Callable[[AnyTask, list[int]], None]) -> list[list[int]]:
        """What every task finds, in their order.

        Args:
            tasks: begun in this order, but for those that were judged before.
            tell: told of each as it is done, here or elsewhere; may end it all.
        """
        before = self._judged_before(tasks)
        left = [task for task in tasks if task.name not in before]

        def done(task: AnyTask, correct: list[int]) -> None:
            # First what is kept: who is told of it may end it all. What others find is kept by them.
            if task.name not in self.elsewhere:
                self.judged.found(task.name, correct)
            tell(task, correct)

        answers = before | (self._done(left, done) if left else {})
        return [answers[task.name] for task in tasks]

    def _judged_before(self, tasks: Sequence[AnyTask]) -> dict[str, list[int]]:
        """What an earlier attempt has found, counted as done."""
        known = {task: self._plausible(task, self.judged.before.get(task.name)) for task in tasks}
        before = {task: correct for task, correct in known.items() if correct is not None}
        if before:
            self.pace.skip(sum(map(self._cost, before)))
            self.pace.step(0.0, "evaluation", f"goes on after {len(before)} of {len(tasks)} chips")
        self.earlier.update(task.name for task in before)
        return {task.name: correct for task, correct in before.items()}

    def _done(self, tasks: Sequence[AnyTask], tell: Callable[[AnyTask, list[int]], None]) -> dict[str, list[int]]:
        """What tasks find, by name."""
        # One thread for each chip: what one chip computes does not depend on how many are computed beside it.
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
        """How often its chip goes through the test set: so many numbers its answer has."""
        return len(task.conditions) if isinstance(task, ChipTask) else len(self.foundry.network.layers)

    def _prepare(self, pool: ThreadPoolExecutor, effects: frozenset[Effect]) -> None:
        """What all chips share, a layer a thread."""

        def tell(_: object, __: object) -> None:
            # It costs nothing that the pace knows of, and a job may be cancelled here.
            self.pace.step(0.0, "evaluation", "what all chips share, a layer of it")

        self.foundry.prepare(effects, lambda call, layers: _each(pool, call, layers, tell))

    def _tell(self, task: ChipTask, correct: list[int], chips: int) -> None:
        what = " + ".join(sorted(task.effects)) or "nothing"
        accuracy = correct[-1] / len(self.test)
        which = _which(task.conditions[-1], chips)
        self.pace.step(self._cost(task), "evaluation", f"{what}: {accuracy:.4f}, {which}")

    def _answer(self, task: Task, others: Mapping[Condition, Chip]) -> list[int]:
        came = self._from_elsewhere(task)
        if came is not None:
            return came
        return self._one(task) if isinstance(task, ChipTask) else self._each_layer(task, others[task.everywhere])

    def _from_elsewhere(self, task: Task) -> list[int] | None:
        """The result that somebody else has found; None where nobody has, or it cannot be one."""
        came = self.offer.result(task.name) if self.offer is not None and task.drawn else None
        answer = self._plausible(task, came)
        if answer is not None:
            self.elsewhere.add(task.name)
        return answer

    def _plausible(self, task: Task, came: Sequence[int] | None) -> list[int] | None:
        """An answer that was found by somebody else; None where there is none, or it cannot be one of this task."""
        if came is None or len(came) != self._looks(task) or not all(0 <= each <= len(self.test) for each in came):
            return None
        return list(came)

    def _one(self, task: ChipTask) -> list[int]:
        """One chip under several conditions that differ in time and compensation."""
        foundry, test = self.foundry, self.test
        cells = foundry.cells(task.number, task.conditions[0])
        cache = ChipCache()
        chips = (foundry.chip(task.number, condition, cells, cache=cache) for condition in task.conditions)
        return [correct_images(foundry.network, chip, test) for chip in chips]

    def _each_layer(self, task: LayersTask, others: Chip) -> list[int]:
        foundry, there = self.foundry, task.there
        cells, cache = foundry.cells(task.number, there), ChipCache()
        alone = (OneLayer(layer.name, others) for layer in foundry.network.layers)
        # The noise of reads from its beginning: a layer is alone whichever was before it.
        chips = (foundry.chip(task.number, there, cells, cache=cache, alone=one) for one in alone)
        return [correct_images(foundry.network, chip, self.test) for chip in chips]


def _each(
    pool: ThreadPoolExecutor,
    call: Callable[[Item], Result],
    items: Iterable[Item],
    tell: Callable[[Item, Result], None],
) -> list[Result]:
    """A call for each, on the threads of the pool; what is told may end it all, and then no further one begins."""
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


def correct_images(network: MappedNetwork, chip: Chip, test: Examples) -> int:
    """How many of the images one chip classifies right.

    In single precision where every layer is off its levels, so that no two sums are equal but for their last bit: the
    errors of a chip are a thousand times those of the arithmetic, or more. Else in double precision, as designed, and
    so where a variance of reads, or a scale, is not one that single precision can hold.
    """
    single = _off_levels(network, chip) and not any(map(_underflows, chip.arrays())) and _holds_scales(network)
    precise = chip.to(torch.float32) if single else chip
    return correct_of(classify(network, precise, test.codes.cpu(), test.lsb), test.labels.cpu())


def correct_of(predicted: Int64[Tensor, " images"], labels: Int64[Tensor, " images"]) -> int:
    """How many classes are those of the labels."""
    return int((predicted == labels).sum())


def _off_levels(network: MappedNetwork, chip: Chip) -> bool:
    pairs = zip(chip.arrays(), as_designed(network).arrays(), strict=True)
    return all(_share_off(array, designed) > 0.5 for array, designed in pairs)


def _holds_scales(network: MappedNetwork) -> bool:
    """Whether no product with a scale leaves the numbers of single precision, though its currents reach 1e6 S."""
    return all(
        float(layer.digital.scale.abs().max()) < torch.finfo(torch.float32).max * 1e-6 for layer in network.layers
    )


def _underflows(array: ChipArray) -> bool:
    variance = array.read_variance
    if variance is None:
        return False
    return bool(((variance > 0) & (variance < torch.finfo(torch.float32).tiny)).any())


def _share_off(array: ChipArray, designed: ChipArray) -> float:
    """Share of the pairs of an array that are not exactly on their levels, or not always."""
    off = array.g_difference != designed.g_difference
    if array.read_variance is not None:
        off |= array.read_variance > 0
    return float(off.double().mean())
