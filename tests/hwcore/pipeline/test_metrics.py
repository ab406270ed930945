"""Jobs that are judged by another metric than the accuracy, from file to report: the files say what the report says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import mean_squared_error, roc_auc_score

from hwcore.errors import DatasetInvalid
from hwcore.pipeline import run, with_file
from hwcore.spec import parse_job

HARDWARE = {
    "format": "mho.hardware/1",
    "cell": {"levels": 8, "g_max": 5e-5, "on_off_ratio": 50},
    "input": {"bits": 8},
    "noise": {"programming": {"type": "additive", "sigma_ratio": 0.02}},
}


def report_of(tmp_path: Path, arrays: dict[str, Any], **job: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    path, out = tmp_path / "own.npz", tmp_path / "out"
    np.savez(path, **arrays)
    document = {"hardware": HARDWARE, "dataset": {"type": "file", "path": "own.npz"}, "evaluation": {"chips": 3}, **job}
    report = run(with_file(parse_job(document), path), out, threads=1, dataset_file=path)
    assert json.loads((out / "report.json").read_text()) == report
    with np.load(out / "predictions.npz") as file:
        return report, dict(file)


def rung(report: dict[str, Any], stage: str) -> dict[str, Any]:
    return next(each for each in report["ladder"] if each["stage"] == stage)


def test_numbers_are_found(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x = generator.uniform(-1, 1, (600, 6)).astype(np.float32)
    y = (3 * np.tanh(x[:, :2] + x[:, 2:4])).astype(np.float32)
    report, files = report_of(
        tmp_path,
        {"x": x, "y": y, "signed": 1},
        metric="mean_squared_error",
        model={"hidden": [32]},
        training={"epochs": 10, "batch": 32, "distillation": {"weight": 0.3}},
    )
    assert report["metric"]["name"] == "mean_squared_error"
    found = rung(report, "hardware_aware")
    # A report counts an error in steps of 2^-30 of the variance (decision 0071).
    step = float(y.var()) * 2.0**-30
    assert found["accuracy"] == pytest.approx(mean_squared_error(files["labels"], files["logits"]), abs=step)
    assert found["accuracy"] < 0.4 * y.var()
    assert "predictions" not in files
    assert files["codes"].dtype == np.int8
    chips = rung(report, "programming")
    lost = next(each for each in report["costs"]["effects"] if each["stage"] == "programming")
    assert lost["accuracy_lost"] == pytest.approx(chips["accuracy"] - found["accuracy"])
    assert report["target_accuracy"] == pytest.approx(1.1 * found["accuracy"])
    assert chips["yield"] == np.mean(np.array(chips["chip_accuracies"]) <= report["target_accuracy"])
    assert 0.6 < report["curves"]["hardware_aware"][-1]["validation"] <= 1


def test_anomalies_are_told_from_what_is_normal(tmp_path: Path) -> None:
    digits = load_digits()
    images, normal = digits.images.astype(np.uint8), np.flatnonzero(digits.target < 5)
    strange = np.flatnonzero(digits.target >= 5)[:200]
    report, files = report_of(
        tmp_path,
        {
            "x_train": np.concatenate([images[normal[:600]], images[strange[100:]]]),
            "y_train": np.repeat([0, 1], [600, 100]),
            "x_test": images[np.concatenate([normal[600:], strange[:100]])],
            "y_test": np.repeat([0, 1], [len(normal) - 600, 100]),
            "full_scale": 16,
        },
        metric="roc_auc",
        model={"type": "fc-autoencoder", "units": 24, "layers": 1, "code": 6},
        training={"epochs": 5, "batch": 32},
    )
    inputs = files["codes"] / 255
    errors = np.square(files["logits"] - inputs).mean(1)
    found = rung(report, "hardware_aware")
    assert found["accuracy"] == pytest.approx(roc_auc_score(files["labels"], errors), rel=1e-9)
    assert found["accuracy"] > 0.6
    low, high = found["ci95"]
    assert low < found["accuracy"] < high
    # It has learned nine tenths of the normal images, and no other.
    assert report["dataset"]["training_images"] <= 600
    assert report["dataset"]["training_images"] + report["dataset"]["held_out_images"] < 700
    assert report["target_accuracy_source"]["less"] == 0.01


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        (np.ones(60, dtype=np.int64), np.arange(20) % 2, "dataset: got 0 normal training images"),
        (np.zeros(60, dtype=np.int64), np.ones(20, dtype=np.int64), "dataset: got 20 anomalous of 20 test images"),
    ],
)
def test_without_both_kinds_there_is_nothing_to_learn_or_to_tell_apart(
    tmp_path: Path, train: np.ndarray, test: np.ndarray, words: str
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (80, 9)).astype(np.uint8)
    arrays = {"x_train": images[:60], "y_train": train, "x_test": images[60:], "y_test": test}
    with pytest.raises(DatasetInvalid, match=words):
        report_of(tmp_path, arrays, metric="roc_auc", model="fc-autoencoder")
