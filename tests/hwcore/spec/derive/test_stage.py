"""The texts of stages, as reports write them."""

import pytest

from hwcore.spec import Stage

TEXTS = [
    (Stage("wires"), "wires"),
    (Stage("drift", 86400.0), "drift@86400"),
    (Stage("all", 0.0), "all@0"),
    (Stage("all", 0.5), "all@0.5"),
    (Stage("drift", 1e-6), "drift@1e-06"),
    (Stage("drift", 3.2e9), "drift@3200000000"),
]


@pytest.mark.parametrize(("stage", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_a_stage_and_its_text(stage: Stage, text: str) -> None:
    assert stage.text == text


def test_the_text_has_twelve_digits() -> None:
    assert Stage("drift", 1 / 3).text == "drift@0.333333333333"
