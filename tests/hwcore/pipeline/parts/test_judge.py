"""Many chips, a thread for each: what one does depends neither on the others nor on the threads."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.crossbar import Chip, as_designed
from hwcore.errors import Cancelled
from hwcore.mapping import MappedNetwork
from hwcore.pipeline import run
from hwcore.pipeline.parts.correct_images import correct_images
from hwcore.pipeline.parts.judge import Judge
from hwcore.pipeline.parts.pace import Pace
from hwcore.progress import Progress
from hwcore.spec import Condition
from hwcore.training import Examples
from tests.hwcore.crossbar.built_chips import CODES, LSB, T0, YEAR, foundry, logits, mapped, under
from tests.hwcore.crossbar.small_networks import one_array
from tests.hwcore.pipeline.small_jobs import Listener, everything_below, tiny

LABELS = logits(as_designed(mapped())).argmax(1)
TEST = Examples(CODES, LSB, LABELS, (1, 21))
"""Labels that the network as designed has right."""

Count = Callable[[MappedNetwork, Chip, Examples], int]


def noting(chips: list[Chip]) -> Count:
    """Make a count that notes the chips, and finds one image right on each."""

    def count(network: MappedNetwork, chip: Chip, test: Examples) -> int:
        chips.append(chip)
        return 1

    return count


def judge(listener: Any = None, count: Count = correct_images, **parts: Any) -> Judge:
    return Judge(foundry(**parts), TEST, Pace(listener, 100.0, chip=1.0), count=count)


def with_threads(threads: int, conditions: list[Condition], chips: int, **parts: Any) -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return judge(**parts).correct(conditions, chips)
    finally:
        assert torch.get_num_threads() == threads
        torch.set_num_threads(before)


def test_as_designed_all_are_right_and_one_look_is_enough() -> None:
    found = judge().correct([under([]), under(["wires"]), under(["adc", "wires"])], 5)
    assert found[under([])] == [len(TEST)]
    assert [len(each) for each in found.values()] == [1, 1, 1]


@pytest.mark.parametrize("parts", [{}, {"calibration": "per_column"}], ids=str)
def test_a_chip_is_its_number_whatever_is_looked_at_beside_it_and_on_however_many_threads(parts: Any) -> None:
    conditions = [under(), under(seconds=T0), under(["programming"]), under(["drift"], compensated=False)]
    expected = {each: with_threads(1, [each], 3, **parts)[each] for each in conditions}
    assert any(len(set(correct)) > 1 for correct in expected.values())
    assert with_threads(3, conditions, 3, **parts) == expected
    fewer = with_threads(2, conditions[::-1], 2, **parts)
    assert fewer == {each: correct[:2] for each, correct in expected.items()}


def test_every_condition_counts_once_and_a_chip_is_written_once_for_all_times(monkeypatch: pytest.MonkeyPatch) -> None:
    of, written = judge(), []
    cells = of.foundry.cells
    monkeypatch.setattr(of.foundry, "cells", lambda number, look: written.append(number) or cells(number, look))
    times = [under(["drift"], seconds) for seconds in (T0, 60.0, YEAR)]
    found = of.correct([*times, *times], 3)
    assert sorted(written) == [0, 1, 2]
    assert [len(found[each]) for each in times] == [3, 3, 3]
    assert list(found) == times


def test_every_chip_is_told_with_its_cost() -> None:
    listener = Listener()
    judge(listener).correct([under(["programming"]), under(["drift"], T0), under(["drift"])], 2)
    assert len(listener.heard) == 4
    # Two chips under one condition, and two under two.
    assert listener.heard[-1].fraction == pytest.approx(0.06, rel=1e-12)
    assert {progress.message.partition(":")[0] for progress in listener.heard} == {"programming", "drift"}
    assert all(progress.message.endswith(" chips") for progress in listener.heard)


def test_torch_keeps_to_one_thread_inside_of_each() -> None:
    seen = []

    def count(*_: Any) -> int:
        seen.append((torch.get_num_threads(), threading.current_thread() is threading.main_thread()))
        return 1

    with_threads(3, [under(["programming"])], 4, count=count)
    assert seen == [(1, False)] * 4


def test_a_fault_in_a_thread_ends_it_all() -> None:
    before = threading.active_count()
    with pytest.raises(ValueError, match="from 1 s after the write"):
        judge().correct([under(["drift"], 0.1), under(["programming"])], 3)
    assert threading.active_count() == before


def test_cancelled_in_the_middle_no_thread_goes_on() -> None:
    counted: list[Chip] = []

    def cancel(_: Progress) -> None:
        raise Cancelled("by its owner")

    before = threading.active_count()
    with pytest.raises(Cancelled):
        judge(cancel, noting(counted)).correct([under(["programming"])], 200)
    assert threading.active_count() == before
    assert len(counted) < 200


def test_a_job_cancelled_in_the_middle_of_its_chips_leaves_nothing(tmp_path: Path) -> None:
    before = threading.active_count()

    def cancel(progress: Progress) -> None:
        if "one of 2 chips" in progress.message:
            raise Cancelled("by its owner")

    with pytest.raises(Cancelled, match="by its owner"):
        run(tiny(), tmp_path / "new" / "out", device="cpu", threads=1, progress=cancel)
    assert not everything_below(tmp_path)
    assert threading.active_count() == before


def test_one_layer_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[Chip] = []
    of = judge(count=noting(counted))
    everywhere, there = under(["wires", "adc"]), under()
    written = []
    cells = of.foundry.cells
    monkeypatch.setattr(of.foundry, "cells", lambda number, *rest: written.append(number) or cells(number, *rest))
    assert of.in_each_layer(3, everywhere, there) == {"fc1": [1, 1, 1], "fc2": [1, 1, 1]}
    # Each once, and that of all others.
    assert sorted(written) == [0, 0, 1, 2]
    shared = one_array(of.foundry.chip(0, everywhere).layers["fc1"])
    arrays = [{name: one_array(layer) for name, layer in chip.layers.items()} for chip in counted]
    last_alone = [each for each in arrays if each["fc1"].read_variance is None]
    assert len(last_alone) == 3
    whole = [one_array(of.foundry.chip(number, there).layers["fc2"]) for number in range(3)]
    for each in last_alone:
        assert torch.equal(each["fc1"].g_difference, shared.g_difference)
        assert any(torch.equal(each["fc2"].g_difference, array.g_difference) for array in whole)
    assert not torch.equal(last_alone[0]["fc2"].g_difference, last_alone[1]["fc2"].g_difference)
    assert of.in_each_layer(3, under([]), under(["wires"])) == {"fc1": [1], "fc2": [1]}


def test_a_layer_alone_reads_alike_whichever_was_before_it() -> None:
    of, everywhere, there = judge(), under([]), under(["read"])
    shared, found = of.foundry.chip(0, everywhere), of.in_each_layer(4, everywhere, there)
    for number in range(4):
        for name in ("fc1", "fc2"):
            one = of.foundry.chip(number, there)
            mixed = Chip({**shared.layers, name: one.layers[name]}, one.reads)
            assert found[name][number] == correct_images(mapped(), mixed, TEST)


@pytest.mark.parametrize("alone", [False, True])
def test_cancelled_while_what_all_share_is_worked_out_or_in_each_layer_no_thread_goes_on(alone: bool) -> None:
    counted: list[Chip] = []

    def cancel(progress: Progress) -> None:
        if not alone or "alone" in progress.message:
            raise Cancelled("by its owner")

    before = threading.active_count()
    with pytest.raises(Cancelled):
        judge(cancel, noting(counted)).in_each_layer(100, under(["wires"]), under(["wires", "programming"]))
    assert threading.active_count() == before
    assert len(counted) < 200 if alone else not counted


def test_one_look_for_all_chips_says_so() -> None:
    listener = Listener()
    judge(listener).correct([under(["adc"]), under(["programming"])], 2)
    said = sorted(progress.message.rpartition(", ")[2] for progress in listener.heard)
    assert said == ["all chips alike", "one of 2 chips", "one of 2 chips"]
