"""Whole jobs on published devices: their noise reaches training and chips, and the same job gives the same bytes."""

import json
from pathlib import Path
from typing import Any

import pytest

from hwcore.pipeline import run
from hwcore.spec import load_preset
from tests.hwcore.pipeline.small_jobs import digests, job

PRESETS = ("pcm-joshi-2020", "rram-cmo-2025", "rram-milo-2021", "rram-wan-2022", "sonos")


def compiled(out: Path, hardware: Any) -> dict[str, Any]:
    small: dict[str, Any] = {"model": {"hidden": [16]}, "evaluation": {"chips": 4}}
    run(job(hardware, **small, training={"epochs": 2, "batch": 64}), out, device="cpu", threads=1)
    report: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize("name", PRESETS)
def test_a_published_device_is_trained_for_and_written(tmp_path: Path, name: str) -> None:
    report = compiled(tmp_path / "out", name)
    (programming,) = (rung for rung in report["ladder"] if rung["stage"] == "programming")
    assert "note" not in programming
    # Writes within 0.2 % of their target change no prediction of so small a network.
    assert len(set(programming["chip_accuracies"])) > 1 or name == "rram-cmo-2025"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    others = {"pcm-joshi-2020": ["read", "drift"], "sonos": ["read"]}
    assert manifest["job"]["training"]["aware_of"] == ["programming", *others.get(name, [])]
    given = load_preset(name).hardware.model_dump(mode="json")["noise"]
    assert manifest["job"]["hardware"]["noise"] == given


def test_a_log_normal_device_to_the_byte(tmp_path: Path) -> None:
    spread = {"type": "log_normal", "log_sigma_on": 0.05, "log_sigma_off": 0.5, "g_on": 4e-5, "g_off": 1e-6}
    hardware = {"cell": {"levels": 4, "g_max": 4e-5, "on_off_ratio": 40}, "noise": {"programming": spread}}
    for name in ("once", "again"):
        compiled(tmp_path / name, hardware)
    assert digests(tmp_path / "once") == digests(tmp_path / "again")
