"""A whole job of a recurrent network: the rows of digits one after the other."""

import json
from pathlib import Path

from safetensors.numpy import load_file

from hwcore.pipeline import run
from hwcore.spec import parse_compile_job
from tests.hwcore.pipeline.small_jobs import EVERYTHING


def test_a_small_network_on_a_chip_with_every_effect(tmp_path: Path) -> None:
    job = parse_compile_job(
        {
            "hardware": EVERYTHING,
            "dataset": "digits",
            "model": {"type": "lstm", "units": 12},
            "training": {"epochs": 2, "batch": 32, "float_epochs": 6, "learning_rate": 0.01},
            "evaluation": {"chips": 2, "times": [3600]},
        }
    )
    report = run(job, tmp_path / "out", device="cpu", threads=1)
    accuracy = {rung["stage"]: rung["accuracy"] for rung in report["ladder"]}
    assert accuracy["float"] > 0.6
    assert accuracy["hardware_aware"] > 0.4
    assert report["mapping"]["largest_relative_difference"] <= 1e-9
    facts = [(each["name"], each["kind"], each["positions"], each["rows"], each["cols"]) for each in report["layers"]]
    assert facts == [("lstm1", "lstm", 8, 20, 48), ("fc1", "dense", 1, 12, 10)]
    tiles = json.loads((tmp_path / "out" / "tiles.json").read_text(encoding="utf-8"))
    (node,) = [each for each in tiles["graph"]["nodes"] if each["name"] == "lstm1"]
    assert node["kind"] == "lstm"
    assert len(node["levels"]) == 2 ** EVERYTHING["activation"]["bits"]
    assert load_file(tmp_path / "out" / "weights.safetensors")["lstm1.weight"].shape == (48, 20, 1)
