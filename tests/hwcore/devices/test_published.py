"""Published devices against the values of their papers, in microsiemens as printed, and against aihwkit."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.devices import programming_sigma
from hwcore.spec import Programming
from tests.hwcore.devices.models import programming

AIHWKIT: dict[str, Any] = json.loads(Path(__file__).parent.joinpath("golden/aihwkit.json").read_text())


def microsiemens(model: Programming, *conductances: float) -> list[float]:
    """Standard deviations of writes, uS, of conductances in uS."""
    g = torch.tensor(conductances, dtype=torch.float64) * 1e-6
    # The largest conductance of the component is no matter of theirs.
    return (programming_sigma(g, model, g_max=1.0) * 1e6).tolist()


def test_phase_change_memory() -> None:
    found = microsiemens(programming("pcm_joshi_2020"), 0.0, 6.25, 12.5, 18.75, 25.0)
    assert found == pytest.approx([0.263, 0.681, 0.953, 1.077, 1.055], abs=5e-4)
    # Another device of the kind, with 10 uS: everything at 0.4 of it.
    small = microsiemens(programming("pcm_joshi_2020", g_max=10e-6), 0.0, 2.5, 5.0, 7.5, 10.0)
    assert small == pytest.approx([0.4 * sigma for sigma in found], rel=1e-12)


@pytest.mark.parametrize(
    ("after", "values"),
    [
        # sum c_i x^i at x = 0, 1/2 and 1, worked out by hand.
        ("1_second", (0.348, 0.348 + 8.015 - 10.96325 + 5.674125 - 1.0509375, 1.103)),
        ("1_day", (0.701, 0.701 + 11.043 - 12.69325 + 5.886875 - 1.028625, 2.651)),
        ("2_days", (0.782, 0.782 + 10.137 - 10.87675 + 4.63275 - 0.745875, 2.677)),
    ],
)
def test_resistive_memory_of_wan_by_aihwkit(after: Any, values: tuple[float, ...]) -> None:
    found = microsiemens(programming("rram_wan_2022_aihwkit", after=after), 0.0, 20.0, 40.0)
    assert found == pytest.approx(values, rel=1e-12)


def test_resistive_memory_of_wan_by_crosssim_differs_where_cells_conduct_little() -> None:
    # At 20 uS: 1.053 + 4.748 - 4.668 + 1.2288; at 40 uS: 1.053 + 9.496 - 18.672 + 9.8304.
    found = microsiemens(programming("rram_wan_2022_crosssim"), 0.0, 20.0, 40.0)
    assert found == pytest.approx([1.053, 2.3618, 1.7074], rel=1e-12)
    assert microsiemens(programming("rram_wan_2022_aihwkit"), 0.0) == pytest.approx([0.348], rel=1e-12)


def test_resistive_memory_of_milo() -> None:
    # 4.782321 - 0.45535 and 4.782321 - 2.049075.
    assert microsiemens(programming("rram_milo_2021"), 50.0, 225.0) == pytest.approx([4.326971, 2.733246], rel=1e-12)


def test_resistive_memory_of_conductive_metal_oxide() -> None:
    tight = microsiemens(programming("rram_cmo_2025", acceptance="0.2_percent"), 9.0, 88.2)
    assert tight == pytest.approx([0.01043018, 0.095078348], rel=1e-9)
    loose = microsiemens(programming("rram_cmo_2025", acceptance="2_percent"), 9.0, 88.2)
    assert loose == pytest.approx([0.11283097, 1.007020354], rel=1e-9)


def test_charge_trap_memory_in_currents() -> None:
    # A (1 - 1/e) at I = B, and all but A far above it; in nA, with 0.1 V: 1 nA is 0.01 uS.
    for after, a, b in (("0_days", 19.887, 176.31), ("5_days", 34.579, 207.34)):
        model = programming("sonos_agrawal_2022", after=after)
        off, at_b, top = microsiemens(model, 0.0, b / 100, 16.0)
        assert off == 0.0
        assert 100 * at_b == pytest.approx(a * 0.6321205588285577, rel=1e-12)
        assert 100 * top == pytest.approx(a, rel=5e-4)
    # The current decides: at half the voltage twice the conductance lets the same current through.
    half = microsiemens(programming("sonos_agrawal_2022", after="0_days", read_voltage=0.05), 2 * 1.7631)
    assert half[0] == pytest.approx(2 * 0.01 * 19.887 * 0.6321205588285577, rel=1e-12)


def test_as_aihwkit_computes_them() -> None:
    def golden(name: str, sigma: list[float], model: Programming, rtol: float = 1e-9) -> None:
        g = torch.tensor(AIHWKIT[name]["g"], dtype=torch.float64)
        expected = torch.tensor(sigma, dtype=torch.float64)
        torch.testing.assert_close(programming_sigma(g, model, g_max=1.0), expected, rtol=rtol, atol=0)

    golden("pcm_joshi_2020", AIHWKIT["pcm_joshi_2020"]["programming_sigma"], programming("pcm_joshi_2020"))
    for after, sigma in AIHWKIT["rram_wan_2022_aihwkit"]["programming_sigma"].items():
        golden("rram_wan_2022_aihwkit", sigma, programming("rram_wan_2022_aihwkit", after=after))
    for acceptance, sigma in AIHWKIT["rram_cmo_2025"]["programming_sigma"].items():
        # aihwkit has ten digits where PHYSICS.md has eight.
        golden("rram_cmo_2025", sigma, programming("rram_cmo_2025", acceptance=acceptance), rtol=2e-6)
