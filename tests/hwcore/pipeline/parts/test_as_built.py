"""What the report says of chips as built: rungs, times, costs, layers and conversions."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from hwcore.crossbar import Foundry, OneLayer
from hwcore.errors import Cancelled
from hwcore.layers import map_network
from hwcore.pipeline.parts import as_built
from hwcore.pipeline.parts.as_built import AsBuilt, judge_as_built
from hwcore.pipeline.parts.correct_images import correct_images
from hwcore.pipeline.parts.data import JobData, Views, load_data
from hwcore.pipeline.parts.judge import Judge
from hwcore.pipeline.parts.pace import Pace
from hwcore.progress import Progress
from hwcore.report import ChipsRung, Cost, NetworkRung, Spread, proportion_interval
from hwcore.spec import CompileJob, Condition, Stage, looks, simulated_chips, trained_through_wires
from tests.hwcore.layers.drawn_networks import drawn_plan
from tests.hwcore.pipeline.small_jobs import CELL, EVERYTHING, Listener, job

TIMES = [2.0, 86400.0]
LOSSY = {**EVERYTHING, "array": {**EVERYTHING["array"], "wire_resistance": {"word": 300.0, "bit": 300.0}}}
"""Wires that change what is predicted."""
SINGLES = ["programming", "stuck_at", "wires", "adc", "read", "drift@2", "drift@86400"]


def resolved(hardware: Any, **evaluation: Any) -> CompileJob:
    return job(hardware, model={"hidden": [6]}, evaluation={"chips": 3, **evaluation}).resolved()


def data_of(of: CompileJob, images: int = 80) -> JobData:
    """The digits, of the test set only so many images."""
    data = load_data(of.course(), None, torch.device("cpu"))
    test = data.chip.test
    small = replace(test, codes=test.codes[:images], labels=test.labels[:images])
    return replace(data, chip=Views(data.chip.training, data.chip.validation, small))


@cache
def everything_built() -> tuple[AsBuilt, Foundry, JobData]:
    """With every effect, at two times."""
    return built(resolved(LOSSY, times=TIMES, target_accuracy=0.1))


def built(of: CompileJob, listener: Any = None) -> tuple[AsBuilt, Foundry, JobData]:
    """Of a network with drawn weights: nothing is trained."""
    data = data_of(of)
    mapped = map_network(drawn_plan(of.described_hardware, of.plan, "none"))
    foundry = Foundry(
        mapped,
        of.described_hardware,
        seed=of.training.seed,
        codes=data.chip.training.codes[: as_built.CALIBRATION_IMAGES],
        lsb=data.chip.test.lsb,
        trained_through_wires=trained_through_wires(of.examination()),
    )
    designed = correct_images(mapped, foundry.chip(0, Condition.of([])), data.chip.test)
    return judge_as_built(of.examination(), mapped, data, designed, Pace(listener, 1e9, chip=1.0)), foundry, data


def test_rungs_are_what_the_chips_say_one_by_one() -> None:
    of = resolved(LOSSY, times=TIMES)
    said, foundry, data = everything_built()
    count = len(data.chip.test)
    assert [rung.stage.text for rung in said.rungs] == [*SINGLES, "all@2", "all@86400"]
    for look, rung in zip([look for look in looks(of.examination()) if look.on_ladder], said.rungs, strict=True):
        assert rung.count == count
        chips = 3 if look.condition.drawn else 1
        correct = [
            correct_images(foundry.network, foundry.chip(n, look.condition), data.chip.test) for n in range(chips)
        ]
        assert rung.accuracy == pytest.approx(sum(correct) / chips / count, rel=1e-12)
        if not look.condition.drawn:
            assert isinstance(rung, NetworkRung)
            assert rung.ci95 == proportion_interval(correct[0], count)
            continue
        assert isinstance(rung, ChipsRung)
        assert rung.chip_accuracies == pytest.approx([each / count for each in correct], rel=1e-12)
        good = sum(each >= 0.1 * count for each in correct)
        assert (rung.yield_, rung.yield_ci95) == (good / 3, proportion_interval(good, 3))


def test_over_time_has_every_time_with_compensation_and_without() -> None:
    said, foundry, data = everything_built()
    names = [(each.stage, each.seconds, each.compensation) for each in said.over_time]
    expected = [(stage, time, how) for stage in ("drift", "all") for how in ("per_tile", "none") for time in TIMES]
    assert names == expected
    rungs = {rung.stage.text: rung for rung in said.rungs}
    for each in said.over_time:
        if each.compensation == "per_tile":
            rung = rungs[f"{each.stage}@{each.seconds:g}"]
            assert isinstance(rung, ChipsRung)
            assert each.spread == Spread(rung.accuracy, rung.std, rung.p05)
    (bare,) = (
        each for each in said.over_time if (each.stage, each.seconds, each.compensation) == ("drift", 86400.0, "none")
    )
    condition = Condition.of(["drift", "wires"], 86400.0, compensated=False)
    correct = [correct_images(foundry.network, foundry.chip(n, condition), data.chip.test) for n in range(3)]
    assert bare.spread.accuracy == pytest.approx(np.mean(correct) / len(data.chip.test), rel=1e-12)
    assert bare.spread.std == pytest.approx(np.std(correct, ddof=1) / len(data.chip.test), rel=1e-9)
    assert bare.chips == 3


def test_costs_are_the_losses_the_dearest_first() -> None:
    said, foundry, data = everything_built()
    through = Condition.of(["wires"])
    designed = correct_images(foundry.network, foundry.chip(0, through), data.chip.test) / len(data.chip.test)
    effects = said.costs.effects
    lost = [cost.accuracy_lost for cost in effects]
    assert lost == sorted(lost, reverse=True)
    rungs = {rung.stage.text: rung for rung in said.rungs}
    assert {cost.stage.text for cost in effects} == set(rungs)
    for cost in effects:
        rung = rungs[cost.stage.text]
        assert cost.accuracy_lost == pytest.approx(designed - rung.accuracy, abs=1e-12)
        if not isinstance(rung, ChipsRung) or rung.std is None:
            assert cost.scatter is None
            continue
        assert cost.scatter is not None
        assert cost.scatter.standard_error == pytest.approx(rung.std / 3**0.5, rel=1e-12)
        low, high = cost.scatter.ci95
        assert cost.to_json()["below_scatter"] is (low <= 0 <= high)
        # Student's quantile for three chips, from a table.
        assert high - cost.accuracy_lost == pytest.approx(4.302653 * cost.scatter.standard_error, rel=1e-6)
    assert {cost.to_json()["below_scatter"] for cost in effects} == {True, False, None}


def test_every_layer_alone_is_against_what_all_chips_share() -> None:
    said, foundry, data = everything_built()
    last, shared = (
        looks(resolved(EVERYTHING, times=TIMES).examination())[-3].condition,
        Condition.of(["wires", "adc"], TIMES[-1]),
    )
    assert last.effects > shared.effects
    assert last.compensated
    judge = Judge(foundry, data.chip.test, Pace(None, 1.0))
    base = correct_images(foundry.network, foundry.chip(0, shared), data.chip.test)
    assert base != correct_images(foundry.network, foundry.chip(0, Condition.of([])), data.chip.test)
    found = judge.in_each_layer(3, shared, last)
    assert list(said.sensitivity) == list(found) == ["fc1", "fc2"]
    for name, correct in found.items():
        each = said.sensitivity[name]
        assert each.chips == 3
        assert each.accuracy == pytest.approx(np.mean(correct) / len(data.chip.test), rel=1e-12)
        assert each.accuracy_lost == pytest.approx((base - np.mean(correct)) / len(data.chip.test), abs=1e-12)


def test_conversions_are_counted_and_clipped_ones_among_them() -> None:
    adc = {"bits": 6, "range": {"type": "calibrated", "percentile": 80}}
    said, _, data = built(resolved({**EVERYTHING, "adc": adc}, times=[2.0]))
    images = len(data.chip.test)
    assert [each.conversions for each in said.clipped.values()] == [images * 2 * 6, images * 10]
    # A fifth of the currents of the calibration images lies beyond the range, and half an LSB less is clipped.
    assert 0.1 < said.clipped["fc1"].clipped / said.clipped["fc1"].conversions < 0.25
    full, _, _ = built(
        resolved({**EVERYTHING, "adc": {"bits": 6, "range": {"type": "full"}}}, times=[2.0], effects=["adc"])
    )
    assert [each.clipped for each in full.clipped.values()] == [0, 0]
    serial, _, _ = built(resolved({**EVERYTHING, "input": {"bits": 4, "bit_serial": True}}, times=[2.0]))
    assert [each.conversions for each in serial.clipped.values()] == [4 * images * 2 * 6, images * 10]
    signed = {"activation": {"function": "tanh", "bits": 3}, "input": {"bits": 4}}
    drive = {"coding": "bit_serial", "signed": "two_phase", "subtract": "digital"}
    phases, _, _ = built(resolved({**EVERYTHING, **signed, "drive": drive}, times=[2.0], effects=["adc"]))
    assert [each.conversions for each in phases.clipped.values()] == [4 * images * 2 * 6, 3 * 2 * images * 10]


@pytest.mark.parametrize("ranges", [("full", "calibrated"), ("calibrated", "full")])
def test_converters_say_what_the_other_range_would_have_given(ranges: tuple[str, str]) -> None:
    def looked_at(range_: str, effects: list[str]) -> AsBuilt:
        adc = {"bits": 4, "range": {"type": range_}}
        return built(resolved({**LOSSY, "adc": adc}, times=[2.0], effects=effects))[0]

    said, (alone,) = looked_at(ranges[0], ["wires", "adc", "read"]), looked_at(ranges[1], ["wires", "adc"]).rungs[2:3]
    (rung,) = (rung for rung in said.rungs if rung.stage == Stage("adc"))
    assert alone.stage == Stage("adc")
    assert alone.accuracy != rung.accuracy
    assert said.converters is not None
    assert (said.converters.range["type"], said.converters.accuracy) == (ranges[0], rung.accuracy)
    other = said.converters.other_range["type"], said.converters.other_accuracy
    assert other == (ranges[1], alone.accuracy)
    assert looked_at(ranges[0], ["read"]).converters is None


def test_without_effects_nothing_is_drawn_and_nothing_is_said() -> None:
    listener = Listener()
    said, _, _ = built(resolved({"cell": CELL}), listener)
    (only,) = said.rungs
    assert isinstance(only, ChipsRung)
    assert (only.stage.text, only.chips, only.std, only.yield_) == ("programming", 3, None, 1.0)
    assert only.yield_ci95 is None
    assert "none was drawn" in str(only.note)
    assert (said.over_time, said.sensitivity, said.clipped) == ((), {}, {})
    assert said.costs.effects == (Cost(Stage("programming"), 0.0, None),)
    empty = {"standard_error": None, "ci95": None, "below_scatter": None}
    assert said.costs.effects[0].to_json() == {"stage": "programming", "accuracy_lost": 0.0, **empty}
    assert listener.heard == []


def test_effects_that_all_chips_share_need_one_look() -> None:
    said, _, _ = built(resolved({**EVERYTHING, "noise": {}}))
    assert [(rung.stage.text, rung.to_json()["chips"]) for rung in said.rungs] == [
        ("programming", 3),
        ("wires", None),
        ("adc", None),
        ("all@0", None),
    ]
    assert [each.chips for each in said.sensitivity.values()] == [1, 1]
    assert all(each.std is None for each in said.sensitivity.values())


@pytest.mark.parametrize(
    ("hardware", "evaluation"),
    [
        (EVERYTHING, {"times": TIMES}),
        (EVERYTHING, {"times": [2.0], "effects": ["wires"]}),
        ({**EVERYTHING, "noise": {}}, {"effects": ["adc"]}),
        ({**EVERYTHING, "noise": {}}, {}),
    ],
    ids=["all", "wires", "adc", "shared"],
)
def test_every_simulated_chip_is_told_and_there_are_as_many_as_planned(hardware: Any, evaluation: Any) -> None:
    of = resolved(hardware, **evaluation)
    steps: list[float] = []
    before = 0.0

    def listen(progress: Progress) -> None:
        nonlocal before
        steps.append(progress.fraction - before)
        before = progress.fraction

    built(of, listen)
    # Where nothing is written and nothing lies in the way, the chip as designed is known already.
    known = int(not looks(of.examination())[0].condition.effects)
    assert sum(steps) * 1e9 == pytest.approx(simulated_chips(of.examination()) - known, rel=1e-6)


def test_a_layer_alone_is_never_without_the_wires_that_it_was_trained_for() -> None:
    of = job({**LOSSY, "noise": {}}, model={"hidden": [6]}, training={"aware_of": ["wires"]}, evaluation={"chips": 2})
    said, foundry, data = built(of.resolved())
    wires = foundry.chip(0, Condition.of(["wires"]))
    base = correct_images(foundry.network, wires, data.chip.test)
    for name, each in said.sensitivity.items():
        alone = foundry.chip(0, Condition.of(["wires", "adc"]), alone=OneLayer(name, wires))
        correct = correct_images(foundry.network, alone, data.chip.test)
        assert each.accuracy == pytest.approx(correct / len(data.chip.test), rel=1e-12)
        assert each.accuracy_lost == pytest.approx((base - correct) / len(data.chip.test), abs=1e-12)
        assert (each.chips, each.std) == (1, None)


def test_a_rung_says_that_it_is_through_wires_and_that_nothing_was_drawn() -> None:
    for noise, effects, why in (
        ({}, None, "the description has no programming noise"),
        (EVERYTHING["noise"], ["wires"], "evaluation.effects has no programming noise"),
    ):
        of = job(
            {**EVERYTHING, "noise": noise},
            model={"hidden": [6]},
            training={"aware_of": ["wires"]},
            evaluation={"chips": 2, "effects": effects},
        )
        first, *others = built(of.resolved())[0].rungs
        through = "through the wires, which the training included; columns calibrated once, after the write"
        assert isinstance(first, ChipsRung)
        assert first.note == f"{through}; {why}: every chip is as designed, and none was drawn"
        assert first.yield_ci95 is None
        assert all(each.note == through for each in others)


def test_a_target_for_wires_is_a_point_below_the_chip_with_wires_where_training_knew_of_them() -> None:
    of = job(
        EVERYTHING, model={"hidden": [6]}, training={"aware_of": ["wires"]}, evaluation={"chips": 2, "times": [2.0]}
    )
    said, foundry, data = built(of.resolved())
    wired = correct_images(foundry.network, foundry.chip(0, Condition.of(["wires"])), data.chip.test)
    first = said.rungs[0]
    assert isinstance(first, ChipsRung)
    assert first.target_accuracy == pytest.approx(max(wired / len(data.chip.test) - 0.01, 0), rel=1e-12)
    assert said.target.accuracy == first.target_accuracy
    assert said.target.source == {"type": "derived", "rung": "wires", "less": 0.01}


def test_cancelled_while_layers_are_looked_at_alone() -> None:
    def cancel(progress: Progress) -> None:
        if "alone" in progress.message:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        built(resolved(EVERYTHING, times=[2.0]), cancel)
