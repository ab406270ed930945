"""Documents of published devices: those that ship, and what is refused in one."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hwcore.spec import DRIFT_MODELS, PROGRAMMING_MODELS, READ_MODELS, Device, devices, json_schema
from hwcore.spec.hardware.device import read_devices

DOCUMENT: dict[str, Any] = {
    "format": "mho.device/1",
    "title": "A memory of 10 uS",
    "source": "Nobody 2026",
    "range": {"low": 0.0, "high": 1e-5},
    "programming": {
        "title": "Programming noise of a memory.",
        "description": "A memory of Nobody 2026.",
        "fit": {"kind": "polynomial", "unit": "uS", "coefficients": [0.1, 0.02]},
    },
}
LINE = {"slope": -0.01, "offset": 0.02, "low": 0.0, "high": 0.1}
LOGARITHMIC = {"kind": "logarithmic", "over": 1e-5, "mean": LINE, "deviation": LINE, "begins": 1.0}


def parsed(**changed: Any) -> Device:
    return Device.model_validate_json(json.dumps({**DOCUMENT, **changed}))


def effect(**changed: Any) -> dict[str, Any]:
    return {**DOCUMENT["programming"], **changed}


def test_the_first_models_stay_in_the_order_of_lists_and_further_ones_come_after_them() -> None:
    assert tuple(devices())[:6] == (
        "pcm_joshi_2020",
        "rram_wan_2022_aihwkit",
        "rram_wan_2022_crosssim",
        "rram_milo_2021",
        "rram_cmo_2025",
        "sonos_agrawal_2022",
    )


@pytest.mark.parametrize(
    ("field", "models"), [("programming", PROGRAMMING_MODELS), ("read", READ_MODELS), ("drift", DRIFT_MODELS)]
)
def test_every_effect_of_every_device_is_a_model_that_the_schema_knows(field: str, models: tuple[type, ...]) -> None:
    described = [name for name, device in devices().items() if getattr(device, field) is not None]
    assert [model.model_fields["type"].default for model in models] == described  # type: ignore[attr-defined]
    (union, _) = json_schema("hardware")["$defs"]["Noise"]["properties"][field]["anyOf"]
    listed = [each["$ref"].rpartition("/")[2] for each in union["oneOf"]]
    assert listed[-len(models) :] == [model.__name__ for model in models]
    assert set(described) <= set(union["discriminator"]["mapping"])


@pytest.mark.parametrize("name", devices())
def test_every_device_names_its_publication(name: str) -> None:
    device = devices()[name]
    assert "doi:" in device.source or "arXiv:" in device.source
    low, high = device.range.low, device.range.high
    assert low < (device.parameters[high].default if isinstance(high, str) else high)


def test_a_document_of_one_polynomial() -> None:
    device = parsed()
    assert device.position == 1000
    assert device.programming is not None
    assert device.programming.fits[0].coefficients == (0.1, 0.02)  # type: ignore[union-attr]
    assert device.read is device.drift is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"programming": effect(fit=None)}, "got both or none; allowed: one of them"),
        ({"programming": effect(fit=LOGARITHMIC)}, "'polynomial', 'saturating'"),
        ({"read": effect()}, "'flicker', 'saturating'"),
        ({"drift": effect()}, "Input should be 'logarithmic'"),
        ({"range": {"low": 0.0, "high": "g_max"}}, "g_max: unknown parameter; allowed: none"),
        ({"programming": effect(fit={**DOCUMENT["programming"]["fit"], "over": "g_max"})}, "g_max: unknown parameter"),
        (
            {
                "programming": effect(
                    fit=None,
                    choice={
                        "field": "after",
                        "default": "1_hour",
                        "description": "When.",
                        "fits": dict.fromkeys(("1_day", "2_days"), DOCUMENT["programming"]["fit"]),
                    },
                )
            },
            "default: got 1_hour; allowed: 1_day, 2_days",
        ),
        ({"colour": "blue"}, "Extra inputs are not permitted"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parsed(**changed)
    assert words in str(caught.value)


def test_a_faulty_document_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(DOCUMENT))
    assert list(read_devices(tmp_path)) == ["good"]
    (tmp_path / "bad.json").write_text(json.dumps({**DOCUMENT, "colour": "blue"}))
    with pytest.raises(ValueError, match=r"bad\.json is no document of a device: .*(\n.*)*colour"):
        read_devices(tmp_path)


def test_drift_begins_with_its_fit() -> None:
    drift = effect(fit=LOGARITHMIC)
    assert parsed(drift=drift).drift is not None
    with pytest.raises(ValidationError, match="begins"):
        parsed(drift={**drift, "fit": {name: value for name, value in LOGARITHMIC.items() if name != "begins"}})
