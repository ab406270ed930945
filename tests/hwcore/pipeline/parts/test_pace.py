"""How far a job is: costs add up to one, never fall, and the clock is kept."""

import pytest

from hwcore.pipeline.parts.pace import CHIP, CONVOLVED_CHIP, HARDWARE_EPOCH, REST, Pace
from hwcore.spec import simulated_chips
from tests.hwcore.pipeline.small_jobs import CELL, CNN, EVERYTHING, HARDWARE, Listener, job


def test_the_whole_is_the_sum_of_its_parts() -> None:
    chosen = job(training={"epochs": 3, "float_epochs": 5}, evaluation={"chips": 7}).resolved()
    # Seven chips, of both layers five alone, and the four looks at networks that are one and the same.
    expected = 5 + 3 * HARDWARE_EPOCH + (7 + 2 * 5 + 4) * CHIP + 3 * REST
    assert Pace.of(chosen.work(), None).total == pytest.approx(expected, rel=1e-12)
    quiet = job(hardware={**HARDWARE, "noise": {}}, training={"epochs": 3, "float_epochs": 5}).resolved()
    assert Pace.of(quiet.work(), None).total == pytest.approx(5 + 3 * HARDWARE_EPOCH + 5 * CHIP + 3 * REST, rel=1e-12)


def test_chips_cost_more_where_the_arrays_go_through_positions() -> None:
    chosen = job(model=CNN, training={"epochs": 3, "float_epochs": 5}, evaluation={"chips": 7}).resolved()
    pace = Pace.of(chosen.work(), None)
    assert pace.chip == CONVOLVED_CHIP
    looks = 7 + 4 * 5 + 4
    assert pace.total == pytest.approx(5 + 3 * HARDWARE_EPOCH + looks * CONVOLVED_CHIP + 3 * REST, rel=1e-12)


def test_every_look_counts_once() -> None:
    # Programming, stuck cells, reads, drift and all at two times each, these four without compensation as well: eleven
    # looks at two chips; wires, ADC, both together as what all chips share, and ADC with the other range; of two layers
    # two chips each.
    chosen = job(EVERYTHING, evaluation={"chips": 2, "times": [2.0, 60.0]}).resolved()
    assert simulated_chips(chosen.examination()) == 11 * 2 + 4 + 2 * 2
    assert simulated_chips(job({"cell": CELL}).resolved().examination()) == 1


def test_a_step_is_told_with_its_share() -> None:
    listener = Listener()
    pace = Pace(listener, total=4.0)
    pace.step(1.0, "float", "one", epoch=1, epochs=2)
    pace.step(2.0, "evaluation", "two")
    pace.step(9.0, "export", "done")
    assert [progress.fraction for progress in listener.heard] == [0.25, 0.75, 1.0]
    first = listener.heard[0]
    assert (first.stage, first.epoch, first.epochs, first.message) == ("float", 1, 2, "one")
    assert (listener.heard[1].epoch, listener.heard[1].epochs) == (None, None)


def test_without_a_listener_it_only_counts() -> None:
    pace = Pace(None, total=2.0)
    pace.step(1.0, "float", "one")
    assert pace.done == 1.0


def test_stages_are_timed() -> None:
    pace = Pace(None, total=1.0)
    with pace.stage("data"):
        pass
    assert 0 <= pace.seconds["data"] < 60
    # More than a Python interpreter, less than any machine has: bytes and not kilobytes.
    assert 1e7 < pace.peak_bytes["data"] < 1e13


def test_the_rest_is_told_at_the_pace_so_far() -> None:
    now = [100.0]
    listener = Listener()
    pace = Pace(listener, total=100.0, clock=lambda: now[0])
    now[0] += 3.0
    pace.step(1.0, "data", "too early to tell")
    now[0] += 7.0
    pace.step(19.0, "float", "a fifth in ten seconds")
    now[0] += 60.0
    pace.step(50.0, "hardware_aware", "70 in 70 seconds")
    pace.step(30.0, "export", "done")
    assert [progress.seconds_left for progress in listener.heard] == [None, 40.0, 30.0, 0.0]


def test_what_was_done_before_tells_nothing_of_the_pace() -> None:
    now = [0.0]
    pace = Pace(None, total=100.0, clock=lambda: now[0])
    pace.skip(60.0)
    assert pace.seconds_left() is None
    now[0] = 5.0
    pace.step(10.0, "hardware_aware", "ten in five seconds")
    assert (pace.done, pace.seconds_left()) == (70.0, 15.0)
