"""Whole jobs on a chip with every effect."""

from pathlib import Path
from typing import Any

import pytest

from hwcore.pipeline import run
from hwcore.spec import CompileJob
from tests.hwcore.pipeline.small_jobs import CNN, EVERYTHING, Listener, digests, job

TIMES = [2.0, 86400.0]
SINGLES = ["programming", "stuck_at", "wires", "adc", "read", "drift@2", "drift@86400"]


def tiny_job(**evaluation: Any) -> CompileJob:
    return job(EVERYTHING, model={"hidden": [12]}, evaluation={"chips": 2, "times": TIMES, **evaluation})


def test_a_whole_job_with_every_effect_twice_to_the_byte(tmp_path: Path) -> None:
    listener = Listener()
    report = run(tiny_job(), tmp_path / "one", device="cpu", threads=1, progress=listener)
    assert [rung["stage"] for rung in report["ladder"]] == [
        *("float", "rounded", "hardware_aware"),
        *SINGLES,
        *("all@2", "all@86400"),
    ]
    fractions = [progress.fraction for progress in listener.heard]
    assert fractions == sorted(fractions)
    assert fractions[-2] == pytest.approx(1, abs=0.1)
    assert [layer["adc"]["conversions"] > 0 for layer in report["layers"]] == [True, True]
    assert [layer["alone"]["chips"] for layer in report["layers"]] == [2, 2]
    assert len(report["over_time"]) == 8
    assert len(report["costs"]["effects"]) == 9
    run(tiny_job(), tmp_path / "two", device="cpu", threads=1)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_a_whole_job_with_the_effects_that_it_asks_for(tmp_path: Path) -> None:
    report = run(tiny_job(effects=["read", "wires"]), tmp_path / "out", device="cpu", threads=1)
    expected = ["float", "rounded", "hardware_aware", "programming", "wires", "read", "all@0"]
    assert [rung["stage"] for rung in report["ladder"]] == expected
    assert [layer["adc"] for layer in report["layers"]] == [None, None]


def test_a_whole_job_with_a_digital_side_of_whole_numbers(tmp_path: Path) -> None:
    widths = {"accumulator_bits": 18, "scale_bits": 8, "offset_bits": 8}
    report = run(
        job({**EVERYTHING, "digital": widths}, model=CNN, evaluation={"chips": 2, "effects": ["adc", "digital"]}),
        tmp_path / "out",
        device="cpu",
        threads=1,
    )
    rungs = {rung["stage"]: rung for rung in report["ladder"]}
    assert [*rungs] == ["float", "rounded", "hardware_aware", "programming", "adc", "digital", "all@0"]
    # The rung of the widths alone is read without converters, and costs what widths cost.
    assert abs(rungs["digital"]["accuracy"] - rungs["hardware_aware"]["accuracy"]) <= 0.02
    # Sums of every layer, pooled and not, codes, and the map as a vector.
    numbers = (6 * 8 * 8 + 2 * 6 * 4 * 4) + 3 * (8 * 2 * 2) + 2 * 16 + 10
    assert report["mapping"]["codes"] == {"compared": report["ladder"][0]["count"] * numbers, "differing": 0}
    assert [layer["alone"]["chips"] for layer in report["layers"]] == [1] * 4
