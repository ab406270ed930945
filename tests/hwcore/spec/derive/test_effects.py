"""Descriptions of stuck cells, drift, read noise and ADC: their bounds and contradictions."""

import pytest
from pydantic import TypeAdapter, ValidationError

from hwcore.spec import (
    Adc,
    CalibratedRange,
    Drift,
    FullRange,
    GivenRange,
    PowerLawDrift,
    PublishedDrift,
    Read,
    StuckAt,
)

DRIFT, READ, ADC = TypeAdapter[Drift](Drift), TypeAdapter[Read](Read), TypeAdapter[Adc](Adc)


def test_rates_that_sum_above_one_are_refused() -> None:
    assert StuckAt(stuck_on=0.3, stuck_off=0.7).stuck_off == 0.7
    with pytest.raises(ValidationError, match=r"the rates sum above 1; allowed: a number from 0 to 0\.4") as caught:
        StuckAt(stuck_on=0.6, stuck_off=0.5)
    assert caught.value.errors()[0]["loc"] == ("stuck_off",)
    for rate in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValidationError):
            StuckAt(stuck_on=rate)


def test_drift_by_name() -> None:
    assert DRIFT.validate_python({"type": "power_law", "exponent": 0.05}) == PowerLawDrift(exponent=0.05)
    published = DRIFT.validate_python({"type": "pcm_joshi_2020", "compensation": "per_column"})
    assert isinstance(published, PublishedDrift)
    assert (published.t0, published.number("g_max"), published.compensation) == (20.0, 25e-6, "per_column")
    for bad in (
        {"type": "power_law"},
        {"type": "power_law", "exponent": -0.1},
        {"type": "power_law", "exponent": 0.1, "t0": 0.0},
        {"type": "pcm_joshi_2020", "compensation": "per_row"},
        {"type": "pcm_joshi_2020", "t0": 1.0},
    ):
        with pytest.raises(ValidationError):
            DRIFT.validate_python(bad)


def test_read_noise_by_name() -> None:
    for good in (
        {"type": "additive", "sigma_ratio": 0.1},
        {"type": "proportional", "sigma_ratio": 0.1},
        {"type": "pcm_joshi_2020"},
        {"type": "sonos_agrawal_2022", "read_voltage": 0.2},
    ):
        assert READ.validate_python(good).type == good["type"]
    for bad in ({"type": "additive"}, {"type": "proportional", "sigma_ratio": 2}, {"type": "rram_milo_2021"}):
        with pytest.raises(ValidationError):
            READ.validate_python(bad)


def test_an_adc_by_its_bits_and_range() -> None:
    assert Adc() == Adc(bits=None, range=CalibratedRange())
    given = ADC.validate_python({"bits": 6, "range": {"type": "given", "full_scale": 1e-3}})
    assert given.range == GivenRange(full_scale=1e-3)
    calibrated = ADC.validate_python({"bits": 8, "range": {"type": "calibrated", "percentile": 99.9}})
    assert calibrated.range == CalibratedRange(percentile=99.9)
    assert calibrated.other_range() == FullRange()
    assert given.other_range() == ADC.validate_python({"range": {"type": "full"}}).other_range() == CalibratedRange()
    for bad in (
        {"bits": 0},
        {"bits": 1},
        {"bits": 17},
        {"bits": 8.0},
        {"bits": 8, "range": "full"},
        {"bits": 8, "range": {"type": "calibrated", "percentile": 20}},
        {"bits": 8, "range": {"type": "calibrated", "percentile": 100.1}},
        {"bits": 8, "range": {"type": "given"}},
        {"bits": 8, "range": {"type": "given", "full_scale": 0}},
    ):
        with pytest.raises(ValidationError):
            ADC.validate_python(bad)
