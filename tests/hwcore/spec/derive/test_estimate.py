"""How long a job will take: within a factor of three of what was measured, and in proportion to what it does."""

import json
from typing import Any

import pytest

from hwcore.spec import CompileJob, estimated_seconds, parse_job
from tests.conftest import REPOSITORY
from tests.hwcore.pipeline.small_jobs import EVERYTHING, HARDWARE, job

FACTOR = 3.0
MEASURED = {"digits": 6.4, "digits-cnn": 10.2, "digits-as-built": 17.7}
"""s: processor time of one thread and 3 s for the process to start, two cores of a server with AVX-512."""
FIRST_LIGHT = {
    "mnist": "MNIST on 2-bit cells",
    "mnist-per-layer": "MNIST on 2-bit cells, one scale per layer, bias in the array",
}
"""Rows of `python -m benchmarks.first_light`, on such a machine, by example."""


def example(name: str) -> CompileJob:
    return parse_job((REPOSITORY / "examples" / f"{name}.json").read_bytes())


def measured() -> dict[str, float]:
    rows = json.loads((REPOSITORY / "benchmarks" / "results" / "first_light.json").read_text())["rows"]
    seconds = {row["name"]: row["seconds"] for row in rows}
    return {**MEASURED, **{name: seconds[title] for name, title in FIRST_LIGHT.items()}}


@pytest.mark.parametrize("name", [*MEASURED, *FIRST_LIGHT])
def test_jobs_take_as_long_as_was_measured_within_the_factor(name: str) -> None:
    ratio = estimated_seconds(example(name)) / measured()[name]
    assert 1 / FACTOR < ratio < FACTOR


def test_more_of_anything_takes_longer() -> None:
    plain = estimated_seconds(job())
    assert estimated_seconds(job(training={"epochs": 200})) > 2 * plain
    assert estimated_seconds(job(training={"epochs": 200, "reference": "trained_alike"})) > 10 * plain
    assert estimated_seconds(job(model={"hidden": [4096, 4096]})) > 2 * plain
    assert estimated_seconds(job(evaluation={"chips": 10_000})) > 2 * plain
    few, many = (estimated_seconds(job(EVERYTHING, evaluation={"chips": chips})) for chips in (10, 1000))
    assert many > 5 * few
    wired = {**HARDWARE, "array": {"rows": 128, "cols": 128, "wire_resistance": {"word": 1.0}}}
    dry = estimated_seconds(job(HARDWARE, model={"hidden": [512]}, evaluation={"chips": 100}))
    assert estimated_seconds(job(wired, model={"hidden": [512]}, evaluation={"chips": 100})) > 3 * dry


def test_conversions_and_word_lines_of_a_coding_count() -> None:
    def seconds(**parts: Any) -> float:
        hardware = {"cell": {"levels": 2, "g_max": 1e-5}, "adc": {"bits": 8}, "input": {"bits": 8}, **parts}
        model = {"hidden": [2048, 2048]}
        training = {"epochs": 1, "aware_of": []}
        evaluation = {"chips": 1}
        job = {"hardware": hardware, "dataset": "mnist", "model": model, "training": training, "evaluation": evaluation}
        return estimated_seconds(parse_job(job))

    tanh = {"function": "tanh", "bits": 8}
    plain = seconds(activation=tanh)
    assert seconds(activation=tanh, drive={"coding": "pulse_width"}) == plain
    serial = seconds(activation=tanh, drive={"coding": "bit_serial"})
    phases = seconds(activation=tanh, drive={"coding": "bit_serial", "signed": "two_phase", "subtract": "digital"})
    assert plain < serial < phases
    assert plain < seconds(activation=tanh, drive={"signed": "pair"})
    assert seconds(activation={"bits": 8}, drive={"signed": "pair"}) == seconds(activation={"bits": 8})


def test_own_data_count_as_they_are() -> None:
    contents = {"sha256": "0" * 64, "height": 28, "width": 28, "classes": 10}
    dataset = {"type": "file", "path": "own.npz", "contents": contents}
    own = parse_job({"hardware": "sram-4b", "dataset": dataset})
    mnist = parse_job({"hardware": "sram-4b", "dataset": "mnist"})
    assert estimated_seconds(own, (60_000, 10_000)) == estimated_seconds(mnist)
    assert estimated_seconds(own, (600, 100)) < estimated_seconds(own) / 5
