"""Many chips on the whole test set, a thread for each: a chip costs a second and no process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.crossbar import Chip, ChipLayer, Condition, Foundry, as_designed, classify
from hwcore.mapping import MappedNetwork
from hwcore.pipeline.machine import threads_of
from hwcore.pipeline.pace import Pace
from hwcore.spec import Effect
from hwcore.training import Examples

Found = dict[Condition, list[int]]
"""Test images classified right by each chip; one number where all chips are alike."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Looks at chips of one network under many conditions.

    Attributes:
        foundry: makes the chips.
        test: images and labels.
        pace: told of every chip.
    """

    foundry: Foundry
    test: Examples
    pace: Pace

    def correct(self, conditions: Iterable[Condition], chips: int) -> Found:
        """How many test images each chip classifies right, under every condition.

        A chip is written once for all the times of one set of effects. Conditions without anything that is drawn are
        looked at once, as all chips are alike.

        Args:
            conditions: each counts once.
            chips: how many to draw for those that differ from chip to chip.
        """
        groups: dict[frozenset[Effect], list[Condition]] = defaultdict(list)
        for condition in dict.fromkeys(conditions):
            groups[condition.effects].append(condition)
        found: Found = {condition: [] for group in groups.values() for condition in group}
        tasks = [(number, group) for group in groups.values() for number in range(chips if group[0].drawn else 1)]
        # One thread for each chip: what one chip computes does not depend on how many are computed beside it.
        workers = torch.get_num_threads()
        with threads_of(1), ThreadPoolExecutor(workers) as pool:
            for effects in groups:
                self.foundry.prepare(effects, pool.map)
            futures = {pool.submit(self._one, number, group): group for number, group in tasks}
            try:
                for future in as_completed(futures):
                    self._tell(future, futures[future], chips)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
            for future, group in futures.items():
                for condition, correct in zip(group, future.result(), strict=True):
                    found[condition].append(correct)
        return found

    def _tell(self, future: Future[list[int]], group: list[Condition], chips: int) -> None:
        accuracy = future.result()[-1] / len(self.test)
        what = " + ".join(sorted(group[-1].effects)) or "nothing"
        self.pace.step(self.pace.chip * len(group), "evaluation", f"{what}: {accuracy:.4f}, one of {chips} chips")

    def _one(self, number: int, group: list[Condition]) -> list[int]:
        """One chip under several conditions that differ in time and compensation."""
        foundry, test = self.foundry, self.test
        cells = foundry.cells(number, group[0])
        kept: dict[tuple[int, float], Tensor] = {}
        chips = (foundry.chip(number, condition, cells, kept=kept) for condition in group)
        return [correct_images(foundry.network, chip, test) for chip in chips]

    def in_layer(self, position: int, chips: int, everywhere: Condition, there: Condition) -> list[int]:
        """The same where one layer alone has the effects of `there`, and the others those of `everywhere`.

        Args:
            position: of that layer.
            chips: how many to draw, where `there` differs from chip to chip.
            everywhere: of all other layers; nothing that is drawn.
            there: of the layer.
        """

        def one(number: int) -> int:
            built = self.foundry.chip(number, there)
            layers = (*others.layers[:position], built.layers[position], *others.layers[position + 1 :])
            return correct_images(self.foundry.network, replace(built, layers=layers), self.test)

        workers = torch.get_num_threads()
        with threads_of(1), ThreadPoolExecutor(workers) as pool:
            self.foundry.prepare(there.effects | everywhere.effects, pool.map)
            others = self.foundry.chip(0, everywhere)
            return list(pool.map(one, range(chips if there.drawn else 1)))


def correct_images(network: MappedNetwork, chip: Chip, test: Examples) -> int:
    """How many of the images one chip classifies right.

    In single precision where every layer is off its levels, so that no two sums are equal but for their last bit: the
    errors of a chip are a thousand times those of the arithmetic, or more. Else in double precision, as designed.
    """
    precise = chip if not _off_levels(network, chip) else chip.to(torch.float32)
    return correct_of(classify(network, precise, test.codes.cpu(), test.lsb), test.labels.cpu())


def correct_of(predicted: Int64[Tensor, " images"], labels: Int64[Tensor, " images"]) -> int:
    """How many classes are those of the labels."""
    return int((predicted == labels).sum())


def _off_levels(network: MappedNetwork, chip: Chip) -> bool:
    pairs = zip(chip.layers, as_designed(network).layers, strict=True)
    return all(_share_off(layer, designed) > 0.5 for layer, designed in pairs)


def _share_off(layer: ChipLayer, designed: ChipLayer) -> float:
    """Share of the weights of a layer that are not exactly those of their levels, or not always."""
    off = layer.g_difference != designed.g_difference
    if layer.read_variance is not None:
        off |= layer.read_variance > 0
    return float(off.double().mean())
