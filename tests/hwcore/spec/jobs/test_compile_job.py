"""Jobs: defaults, what a resolved job says, and that resolving is idle the second time."""

import json

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from hwcore.spec import Cell, CompileJob, Hardware, Mlp, load_preset, parse_hardware, parse_job, plan_text
from tests.hwcore.spec.chips import Description, descriptions

EXAMPLE = {
    "kind": "compile",
    "name": "main corner",
    "dataset": "mnist",
    "hardware": {
        "format": "mho.hardware/1",
        "cell": {
            "technology": "fefet",
            "levels": 4,
            "g_max": 5e-5,
            "on_off_ratio": 8,
            "spacing": {"type": "exponential", "curvature": 2},
            "negative": {"gain": 0.8},
        },
        "weights": {"encoding": "sign_select", "scale": "per_column", "bias": "digital"},
        "activation": {"function": "relu", "bits": 2, "range": "learned"},
        "input": {"bits": 4},
        "array": {"rows": 128, "cols": 128},
    },
    "model": {"type": "mlp", "hidden": [512, 512], "normalization": "batch"},
    "training": {"seed": 0},
    "evaluation": {"chips": 25},
}


def test_only_hardware_and_dataset_are_required_and_the_rest_is_ideal() -> None:
    job = parse_job({"hardware": {"cell": {"levels": 4, "g_max": 5e-5}}, "dataset": "digits"})
    hardware = job.hardware
    assert isinstance(hardware, Hardware)
    assert hardware.cell.on_off_ratio is None
    assert (hardware.activation.bits, hardware.input.bits, hardware.noise.programming) == (None, None, None)
    assert (job.name, job.labels, job.model) == ("", {}, Mlp(hidden=(512, 512)))


def test_the_example_of_the_design_is_a_job() -> None:
    job = parse_job(json.dumps(EXAMPLE))
    assert plan_text(job.graph) == "784-512-512-10"
    assert sum(layer.weights for layer in job.plan) == 668672
    assert job.resolved().described_model.normalization == "batch"


@pytest.mark.parametrize(
    ("weights", "normalization"),
    [
        ({}, "batch"),
        ({"scale": "per_layer"}, "none"),
        ({"bias": "array_row"}, "none"),
        ({"scale": "per_layer", "bias": "array_row"}, "none"),
    ],
)
def test_normalisation_follows_from_the_hardware(weights: dict[str, str], normalization: str) -> None:
    hardware = {"cell": {"levels": 4, "g_max": 5e-5}, "weights": weights}
    job = parse_job({"hardware": hardware, "dataset": "digits"})
    assert job.resolved().described_model.normalization == normalization


def test_none_stays_none_where_batch_would_be_possible() -> None:
    job = parse_job({"hardware": "ideal", "dataset": "digits", "model": {"normalization": "none"}})
    assert job.resolved().described_model.normalization == "none"


def test_a_preset_is_replaced_by_its_description() -> None:
    job = parse_job({"hardware": "sram-4b", "dataset": "emnist-letters"})
    assert job.hardware == "sram-4b"
    assert job.resolved().hardware == load_preset("sram-4b").hardware.resolved()
    assert plan_text(job.graph) == "784-512-512-26"


def test_float_epochs_follow_epochs_unless_they_are_given() -> None:
    job = {"hardware": "ideal", "dataset": "digits"}
    assert parse_job({**job, "training": {"epochs": 3}}).resolved().training.float_epochs == 3
    assert parse_job({**job, "training": {"epochs": 3, "float_epochs": 9}}).resolved().training.float_epochs == 9


def test_a_resolved_table_says_its_levels_and_its_largest_conductance() -> None:
    cell = parse_hardware({"cell": {"spacing": {"type": "table", "conductances": [1e-6, 2e-6, 5e-6]}}}).resolved().cell
    assert (cell.levels, cell.g_max, cell.on_off_ratio) == (3, 5e-6, None)
    assert cell.negative.spacing == cell.spacing


@settings(max_examples=60, deadline=None)
@given(descriptions())
def test_a_resolved_job_survives_json_and_resolves_to_itself(description: Description) -> None:
    once = parse_job({"hardware": description, "dataset": "digits", "labels": {"lot": "7"}}).resolved()
    again = parse_job(once.model_dump_json())
    assert again == once
    assert again.resolved() == once


@pytest.mark.parametrize(
    ("said", "netlists"),
    [({}, "one_per_layer"), ({"export": None}, "one_per_layer"), ({"export": {}}, "one_per_layer")]
    + [({"export": {"netlists": which}}, which) for which in ("none", "one_per_layer", "all")],
)
def test_a_job_says_which_netlists_are_written(said: Description, netlists: str) -> None:
    once = parse_job({"hardware": "ideal", "dataset": "digits", **said}).resolved()
    assert once.netlists == netlists
    assert parse_job(once.model_dump_json()) == once
    assert ("export" in once.model_dump(mode="json")) is bool(said.get("export") is not None)


def test_specs_are_frozen_and_equal_by_value() -> None:
    job = CompileJob(hardware=Hardware(cell=Cell(levels=4, g_max=5e-5)), dataset="digits")
    assert job == parse_job({"hardware": {"cell": {"levels": 4, "g_max": 5e-5}}, "dataset": "digits"})
    with pytest.raises(ValidationError, match="frozen"):
        job.name = "other"


def test_specs_built_in_python_are_held_to_the_same_bounds() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 2"):
        Cell(levels=1, g_max=5e-5)
    with pytest.raises(ValidationError, match="linear spacing without measured conductances has no scale"):
        Cell(levels=4)
