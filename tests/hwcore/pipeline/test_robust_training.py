"""Whole jobs whose training knows of the noise, has a teacher or moves its images: what they gain, and same bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwcore.pipeline import run
from hwcore.spec import parse_job
from tests.hwcore.pipeline.small_jobs import ARTIFACTS, CNN, HARDWARE, digests, job

pytestmark = pytest.mark.usefixtures("without_checks_of_types")

NARROW: dict[str, Any] = {
    "cell": {"levels": 4, "g_max": 5e-5, "on_off_ratio": 2},
    "input": {"bits": 4},
    "noise": {"programming": {"type": "additive", "sigma_ratio": 0.1}},
}
"""Off cells conduct half as much as on cells, so noise of a tenth is a fifth of the largest weight."""


NOTHING_ELSE: dict[str, Any] = {
    "hardware_learning_rate": None,
    "input_dropout": 0.0,
    "activation_noise": 0.0,
    "initial_range_ratio": 1.0,
}
"""What makes a network robust on any chip is left out."""


def ladder(out: Path) -> dict[str, dict[str, Any]]:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return {rung["stage"]: rung for rung in report["ladder"]}


def compiled(out: Path, **parts: Any) -> Path:
    run(job(**parts), out, device="cpu", threads=1)
    return out


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], Path]:
    """The folder of a job with the training that says nothing, one for each model."""
    made: dict[bool, Path] = {}

    def of(model: Any) -> Path:
        if (model is CNN) not in made:
            made[model is CNN] = compiled(tmp_path_factory.mktemp("plain") / "out", model=model)
        return made[model is CNN]

    return of


def test_training_that_knows_of_the_noise_makes_better_chips(tmp_path: Path) -> None:
    found = {}
    for name, aware_of in (("aware", None), ("unaware", [])):
        training = {"epochs": 12, "learning_rate": 0.01, "aware_of": aware_of, **NOTHING_ELSE}
        parts: dict[str, Any] = {"hardware": NARROW, "model": {"hidden": [16]}, "evaluation": {"chips": 12}}
        found[name] = ladder(compiled(tmp_path / name, training=training, **parts))
        manifest = json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))
        assert parse_job(manifest["job"]).training.aware_of == (("programming",) if aware_of is None else ())
    # Both start from the same network, and are good on a chip without noise.
    assert found["aware"]["float"] == found["unaware"]["float"]
    assert min(each["hardware_aware"]["accuracy"] for each in found.values()) > 0.9
    # Twelve chips of each: the standard error of the difference is below four points, the gain was twenty.
    aware, unaware = (found[name]["programming"]["accuracy"] for name in ("aware", "unaware"))
    assert aware > unaware + 0.1
    assert found["aware"]["programming"]["std"] < found["unaware"]["programming"]["std"]


def test_a_calibrated_chip_classifies_better_and_its_statistics_are_those_of_the_design(tmp_path: Path) -> None:
    hardware = {**NARROW, "noise": {"programming": {"type": "proportional", "sigma_ratio": 0.3}}}
    model, training = {"hidden": [16], "normalization": "batch"}, {"epochs": 8, "learning_rate": 0.01}
    found = {}
    for name in ("none", "per_column"):
        parts: dict[str, Any] = {"model": model, "training": training, "evaluation": {"chips": 12}}
        found[name] = ladder(compiled(tmp_path / name, hardware={**hardware, "calibration": name}, **parts))
        noted = "columns calibrated once, after the write" in found[name]["programming"].get("note", "")
        assert noted is (name == "per_column")
    assert found["none"]["float"] == found["per_column"]["float"]
    bare, calibrated = (found[name]["programming"] for name in ("none", "per_column"))
    assert calibrated["accuracy"] > bare["accuracy"] + 0.03
    assert calibrated["std"] < bare["std"]


def test_without_noise_there_is_nothing_to_be_aware_of(tmp_path: Path) -> None:
    hardware = {**HARDWARE, "noise": {}}
    for name, aware_of in (("all", None), ("none", [])):
        compiled(tmp_path / name, hardware=hardware, training={"epochs": 1, "aware_of": aware_of})
    assert digests(tmp_path / "all") == digests(tmp_path / "none")


@pytest.mark.parametrize(
    ("training", "model"),
    [
        ({"distillation": {"weight": 0.7, "temperature": 3.0}}, None),
        ({"augmentation": {"shift": 1}}, None),
        ({"distillation": {"weight": 0.7}, "augmentation": {"shift": 1}, "schedule": {"hard_from": 0.2}}, None),
        ({"method": "straight_through"}, None),
        ({"distillation": {}, "augmentation": {"shift": 1}}, CNN),
        ({"input_dropout": 0.3}, None),
        ({"activation_noise": 1.0}, None),
        ({"initial_range_ratio": 0.7}, None),
        ({"hardware_learning_rate": 0.01}, None),
    ],
    ids=[
        "distilled",
        "moved",
        "all of it",
        "straight through",
        "convolutions",
        "dropped",
        "dithered",
        "narrower",
        "faster",
    ],
)
def test_twice_the_same_bytes_and_others_than_without(
    tmp_path: Path, plain: Callable[[Any], Path], training: dict[str, Any], model: Any
) -> None:
    # The hardware has programming noise, so every one of them is drawn for as well.
    first, second = (compiled(tmp_path / name, model=model, training=training) for name in ("first", "second"))
    assert {path.name for path in first.iterdir()} == ARTIFACTS
    assert digests(first) == digests(second)
    assert digests(first)["weights.safetensors"] != digests(plain(model))["weights.safetensors"]
    assert ladder(first)["hardware_aware"]["accuracy"] > 0.3
    # Only moved images change the floating-point network too.
    assert (ladder(first)["float"] == ladder(plain(model))["float"]) is ("augmentation" not in training)


def test_a_rate_for_the_hardware_that_is_the_same_changes_nothing(tmp_path: Path) -> None:
    for name, training in (("without", {"hardware_learning_rate": None}), ("with", {"hardware_learning_rate": 0.004})):
        compiled(tmp_path / name, training={"epochs": 1, "learning_rate": 0.004, **training})
    assert digests(tmp_path / "without")["weights.safetensors"] == digests(tmp_path / "with")["weights.safetensors"]
