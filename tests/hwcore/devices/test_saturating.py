"""Standard deviations that saturate: by hand, of conductances and of the currents at a read voltage."""

import math

import pytest
import torch

from hwcore.devices.saturating import saturating_sigma
from hwcore.spec import Published, SaturatingFit
from tests.hwcore.devices.models import read_noise

HALF = read_noise("sonos_agrawal_2022", read_voltage=0.5)


@pytest.mark.parametrize(("times", "volts"), [(None, 1.0), ("read_voltage", 0.5)])
def test_by_hand(times: str | None, volts: float) -> None:
    assert isinstance(HALF, Published)
    fit = SaturatingFit(kind="saturating", times=times, amplitude=2e-7, scale=3e-6)
    # No current, the scale of the fit, and far above it.
    g = torch.tensor([0.0, 3e-6 / volts, 3e-3], dtype=torch.float64)
    expected = [0.0, 2e-7 * (1 - math.exp(-1)) / volts, 2e-7 / volts]
    assert saturating_sigma(g, fit, HALF).tolist() == pytest.approx(expected, rel=1e-12)
