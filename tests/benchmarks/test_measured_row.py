"""One row on the digits from end to end; its floating-point network is trained once."""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import brevitas_rows, float_networks
from benchmarks.brevitas_rows import SCRIPT, PeerMissing
from benchmarks.cases import Case
from benchmarks.measured_row import measure_case
from hwcore.spec import parse_job

CPU = torch.device("cpu")


def case(method: str = "smooth", **more: Any) -> Case:
    training = {"epochs": 2, "float_epochs": 2, "batch": 32, "method": "smooth", **more}
    hardware = {
        "cell": {"levels": 4, "g_max": 5e-5},
        "activation": {"bits": 2},
        "noise": {"programming": {"type": "proportional", "sigma_ratio": 0.1}},
    }
    document = {"dataset": "digits", "hardware": hardware, "model": {"hidden": [16]}, "training": training}
    job = parse_job({**document, "evaluation": {"chips": 3}}).resolved()
    return Case("corners", "none", method, 0, job, 0.2)


def test_a_row_has_what_the_tables_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = measure_case(case(), tmp_path, CPU, None)
    assert row["key"] == case().key
    assert set(row["accuracy"]) == {
        "float",
        "float_start",
        "rounded_full_range",
        "rounded_least_error",
        "hardware_aware",
    }
    assert set(row["validation"]) == set(row["accuracy"])
    assert row["loss_points"] == pytest.approx(100 * (row["accuracy"]["float"] - row["accuracy"]["hardware_aware"]))
    assert row["epochs"] == {"float_start": 2, "hardware_aware": 2, "float": 4}
    assert set(row["chips"]) == {"rounded_full_range", "hardware_aware"}
    assert row["chips"]["hardware_aware"]["chips"] == 3
    assert row["peak_bytes"] > 0

    def refuse(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(float_networks, "_train", refuse)
    again = measure_case(case(), tmp_path, CPU, None)
    assert again["accuracy"] == row["accuracy"]


def test_a_peer_without_an_interpreter_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PeerMissing, match="--peers-python"):
        measure_case(case("brevitas_learned_scale"), tmp_path, CPU, None)


def test_a_peer_is_told_all_that_its_script_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}

    def call(_python: str, _script: Path, request: dict[str, Any]) -> dict[str, Any]:
        told.update(request)
        return {"accuracy": {"hardware_aware": 0.5}, "validation": {"hardware_aware": 0.5}}

    monkeypatch.setattr(brevitas_rows, "call_peer", call)
    measure_case(case("brevitas_learned_scale", input_dropout=0.3), tmp_path, CPU, "python")
    scripts = (SCRIPT, SCRIPT.with_name("brevitas_training.py"))
    asked = [re.findall(r'request\["(\w+)"\]', script.read_text(encoding="utf-8")) for script in scripts]
    # Images move only where the request says so.
    assert {*itertools.chain(*asked)} - {"augmentation"} <= set(told)
    assert told["input_dropout"] == 0.3
    assert told["learned_scale"]
