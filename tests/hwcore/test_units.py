"""Quantities as people read them."""

import pytest

from hwcore.units import with_prefix


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4e-5, "40 uS"),
        (-1.25e-6, "-1.25 uS"),
        (1e-6, "1 uS"),
        (1e-3, "1 mS"),
        (999e-9, "999 nS"),
        (1.0, "1 S"),
        (0.0, "0 S"),
        (12345.0, "12.35 kS"),
        (2e-18, "0.002 fS"),
        (3e9, "3000 MS"),
    ],
)
def test_prefixes(value: float, text: str) -> None:
    assert with_prefix(value, "S") == text
