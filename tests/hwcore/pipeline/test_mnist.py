"""The real handwriting through the whole pipeline, in a few epochs of a small network."""

import json
from pathlib import Path

import pytest

from hwcore.datasets import load
from hwcore.pipeline import run
from hwcore.spec import parse_job
from tests.hwcore.pipeline.small_jobs import ARTIFACTS, HARDWARE


@pytest.mark.mnist
@pytest.mark.slow
def test_mnist_from_its_files_to_conductances(tmp_path: Path, data_dir: Path) -> None:
    job = parse_job(
        {
            "hardware": {**HARDWARE, "array": {"rows": 128, "cols": 128}},
            "dataset": "mnist",
            "model": {"hidden": [64]},
            "training": {"epochs": 2, "float_epochs": 1},
            "evaluation": {"chips": 2},
        }
    )
    report = run(job, tmp_path / "out", device="cpu", data_dir=data_dir, threads=1)
    assert {path.name for path in (tmp_path / "out").iterdir()} == ARTIFACTS
    mnist = load("mnist", data_dir=data_dir)
    images = report["dataset"]
    assert images["test_images"] == len(mnist.test_labels)
    assert images["training_images"] + images["held_out_images"] == len(mnist.train_labels)
    accuracy = {rung["stage"]: rung["accuracy"] for rung in report["ladder"]}
    assert accuracy["float"] > 0.9
    assert accuracy["hardware_aware"] > 0.9
    assert report["mapping"]["largest_relative_difference"] <= 1e-9
    assert [(layer["rows"], layer["cols"], layer["tiles"]) for layer in report["layers"]] == [(784, 64, 7), (64, 10, 1)]
    # No path of this machine is in what may be handed on.
    for name in ("report.json", "tiles.json", "manifest.json"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert str(data_dir) not in text
        assert json.loads(text)
