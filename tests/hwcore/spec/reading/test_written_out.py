"""Every field is written out, and what is written out is the same job."""

import json
from pathlib import Path
from typing import Any

import pytest

from hwcore.spec import Noise, hardware_written_out, parse_hardware, parse_job, presets
from tests.conftest import REPOSITORY
from tests.hwcore.pipeline.small_jobs import EVERYTHING

EXAMPLES = sorted((REPOSITORY / "examples").glob("*.json"))
CELL: dict[str, Any] = {"levels": 4, "g_max": 2.5e-5, "on_off_ratio": 8}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_is_written_out_is_accepted_and_the_same_again(path: Path) -> None:
    job = parse_job(path.read_bytes())
    document = json.loads(json.dumps(job.written_out()))
    again = parse_job(document)
    assert again.written_out() == document
    # The fields that a resolved document has, with the values that it has.
    resolved = job.resolved().model_dump(mode="json")
    assert _laid_over(document, resolved) == document
    # What the job does: plan, effects and times are those of before.
    assert again.plan == job.plan
    assert again.resolved().training.aware_of == job.resolved().training.aware_of
    assert again.resolved().evaluation.times == job.resolved().evaluation.times


def _laid_over(document: dict[str, Any], resolved: dict[str, Any]) -> dict[str, Any]:
    """The document with the values of the resolved one, where that says something."""
    found = dict(document)
    for key, value in resolved.items():
        nested = isinstance(value, dict) and isinstance(document[key], dict)
        if value is not None:
            found[key] = _laid_over(document[key], value) if nested else value
    return found


def test_presets_written_out_are_the_same_chips() -> None:
    for preset in presets():
        document = json.loads(json.dumps(hardware_written_out(preset.hardware)))
        assert hardware_written_out(parse_hardware(document)) == document


def test_what_a_job_does_not_say_is_there() -> None:
    document = parse_job({"hardware": {"cell": CELL}, "dataset": "digits"}).written_out()
    assert document["evaluation"] == {"chips": 25, "target_accuracy": None, "times": None, "effects": []}
    assert document["export"] == {"netlists": "one_per_layer"}
    assert document["hardware"]["array"] == {
        "rows": 128,
        "cols": 128,
        "wire_resistance": {"word": 0.0, "bit": 0.0},
        "driver_resistance": 0.0,
        "sense_resistance": 0.0,
        "pair_layout": "separate",
        "pack_groups": False,
        "read_voltage": None,
    }
    assert (document["hardware"]["adc"], document["hardware"]["calibration"]) == (None, "none")
    assert document["hardware"]["noise"] == dict.fromkeys(Noise.model_fields)
    assert document["hardware"]["input"] == {"bits": None, "bit_serial": False}
    assert document["training"]["hardware_learning_rate"] == 0.02
    training = {"learning_rate": 0.001, "hardware_learning_rate": None}
    document = parse_job({"hardware": {"cell": CELL}, "dataset": "digits", "training": training}).written_out()
    assert document["training"]["hardware_learning_rate"] == 0.001


def test_effects_and_times_of_a_chip_are_there() -> None:
    document = parse_job({"hardware": EVERYTHING, "dataset": "digits"}).written_out()
    assert document["evaluation"]["effects"] == ["programming", "stuck_at", "wires", "adc", "read", "drift"]
    assert document["evaluation"]["times"] == [2.0, 3600.0, 86400.0, 31536000.0]
    assert document["hardware"]["array"]["wire_resistance"] == {"word": 2.0, "bit": 2.0}
