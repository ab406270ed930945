"""A whole convolutional job on the digits: its report, its files, its training."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from hwcore.pipeline import run
from tests.hwcore.pipeline.small_jobs import ARTIFACTS, CNN, HARDWARE, job


def test_a_small_network_on_the_digits(tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = run(job(model=CNN, training={"epochs": 8, "batch": 32}), out, device="cpu", threads=1)
    assert {path.name for path in out.iterdir()} == ARTIFACTS
    accuracy = {rung["stage"]: rung["accuracy"] for rung in report["ladder"]}
    assert accuracy["float"] > 0.9
    assert accuracy["hardware_aware"] > accuracy["rounded"] + 0.02
    assert report["mapping"]["largest_relative_difference"] <= 1e-9
    facts = [(each["name"], each["kind"], each["positions"], each["rows"], each["cols"]) for each in report["layers"]]
    assert facts == [
        ("conv1", "conv", 64, 9, 6),
        ("conv2", "conv", 4, 54, 8),
        ("fc1", "dense", 1, 32, 16),
        ("fc2", "dense", 1, 16, 10),
    ]
    # 30 x 12 cells an array: 9 rows in one, 54 in two; 32 rows and 16 columns in two by two.
    assert [each["tiles"] for each in report["layers"]] == [1, 2, 4, 1]
    tiles = json.loads((out / "tiles.json").read_text(encoding="utf-8"))["layers"]
    assert tiles[0]["window"] == {
        "in_shape": [1, 8, 8],
        "kernel": 3,
        "stride": 1,
        "padding": 1,
        "map_shape": [6, 8, 8],
        "pool": {"type": "max", "size": 2},
        "out_shape": [6, 4, 4],
    }
    assert [layer["window"] is None for layer in tiles] == [False, False, True, True]
    assert [layer["kind"] for layer in tiles] == ["conv", "conv", "dense", "dense"]
    tensors = load_file(out / "weights.safetensors")
    assert tensors["conv2.weight"].shape == (8, 6, 3, 3)
    with np.load(out / "conductances.npz", allow_pickle=False) as arrays:
        difference = arrays["conv2/g_pos"] - arrays["conv2/g_neg"]
    effective = np.array(tiles[1]["scale"]) * difference
    assert np.array_equal(tensors["conv2.weight"].reshape(8, 54), effective.T)


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_one_scale_per_layer_and_a_bias_row(tmp_path: Path, method: str) -> None:
    hardware = {
        **HARDWARE,
        "weights": {"scale": "per_layer", "bias": "array_row"},
        "activation": {"function": "tanh", "bits": 2},
    }
    chosen = job(hardware=hardware, model=CNN, training={"epochs": 1, "method": method})
    report = run(chosen, tmp_path / "out", device="cpu", threads=1)
    assert report["mapping"]["largest_relative_difference"] <= 1e-9
    assert [layer["rows"] for layer in report["layers"]] == [10, 55, 33, 17]
