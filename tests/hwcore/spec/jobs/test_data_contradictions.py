"""What a job cannot ask of its data: moves of vectors, mirrors of series, a DAC that has no sign."""

from __future__ import annotations

from typing import Any

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import parse_job

HARDWARE: dict[str, Any] = {"format": "mho.hardware/1", "cell": {"levels": 4, "g_max": 5e-5}}


def refused(dataset: str, **changes: Any) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        parse_job({"hardware": HARDWARE, "dataset": dataset, **changes})
    return [str(fault) for fault in raised.value.faults]


def test_a_series_is_moved_and_not_mirrored() -> None:
    parse_job({"hardware": HARDWARE, "dataset": "fsdd", "training": {"augmentation": {"shift": 4}}})
    assert refused("fsdd", training={"augmentation": {"shift": 4, "flip": True}}) == [
        "training.augmentation.flip: the examples of fsdd are series, and not images that could be mirrored: got true; "
        "allowed: false or null"
    ]


def test_colour_images_are_moved_and_mirrored() -> None:
    job = parse_job(
        {"hardware": HARDWARE, "dataset": "cifar10", "training": {"augmentation": {"shift": 4, "flip": True}}}
    )
    assert job.resolved().model_dump(mode="json")["training"]["augmentation"] == {"shift": 4, "flip": True}
    plain = parse_job({"hardware": HARDWARE, "dataset": "cifar10", "training": {"augmentation": {"shift": 4}}})
    assert plain.resolved().model_dump(mode="json")["training"]["augmentation"] == {"shift": 4}


@pytest.mark.parametrize(
    ("input_", "expected"),
    [
        ({"bits": 1}, "hardware.input.bits: the inputs of fsdd have both signs, and one bit has none beside zero"),
    ],
)
def test_signed_inputs_need_a_dac_with_a_sign(input_: dict[str, Any], expected: str) -> None:
    hardware = {**HARDWARE, "input": input_}
    (fault,) = refused("fsdd", hardware=hardware)
    assert fault.startswith(expected)
    parse_job({"hardware": hardware, "dataset": "cifar10"})
