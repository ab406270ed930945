"""Drift compensation: off, by hand, what it cannot and can make up for, shapes, a response that is gone."""

import pytest
import torch

from hwcore.devices import at_time, compensation_factor, drift_exponents
from hwcore.streams import stream
from tests.hwcore.devices.models import drift


def responses(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=stream(0))


def test_none_is_a_factor_of_one() -> None:
    found = compensation_factor(responses(2, 7, 3), 0.1 * responses(2, 7, 3), "none")
    assert torch.equal(found, torch.ones(2, 3, dtype=torch.float64))


def test_by_hand() -> None:
    before = torch.tensor([[4.0, -1.0], [-2.0, 1.0]], dtype=torch.float64)
    now = torch.tensor([[2.0, -1.0], [-1.0, 0.0]], dtype=torch.float64)
    # Columns: 3 over 1.5 and 1 over 0.5; together 2 over 1.
    assert compensation_factor(before, now, "per_column").tolist() == [2.0, 2.0]
    assert compensation_factor(before, now + now, "per_tile").tolist() == [1.0, 1.0]
    assert compensation_factor(before, now, "per_tile").tolist() == [2.0, 2.0]


@pytest.mark.parametrize("rule", ["per_tile", "per_column"])
def test_what_all_cells_lose_alike_comes_back_exactly(rule: str) -> None:
    before = responses(3, 50, 4)
    factor = compensation_factor(before, 0.6 * before, rule)  # type: ignore[arg-type]
    torch.testing.assert_close(factor[:, None] * 0.6 * before, before, rtol=1e-12, atol=0)


def test_only_a_factor_per_column_makes_up_for_columns_that_differ() -> None:
    before = responses(50, 4)
    lost = torch.tensor([0.9, 0.5, 0.7, 0.3], dtype=torch.float64)
    column = compensation_factor(before, lost * before, "per_column")
    torch.testing.assert_close(column, 1 / lost, rtol=1e-12, atol=0)
    tile = compensation_factor(before, lost * before, "per_tile")
    assert len(tile.unique()) == 1
    assert float(tile[0]) == pytest.approx(float(before.abs().mean() / (lost * before).abs().mean()))


def test_a_year_of_phase_change_memory_hurts_and_compensation_helps() -> None:
    model, generator = drift("pcm_joshi_2020"), stream(1)
    g = 25e-6 * torch.rand(2, 128, 16, dtype=torch.float64, generator=generator)
    drive = torch.rand(200, 128, dtype=torch.float64, generator=generator)
    aged = at_time(g, drift_exponents(g, model, generator=generator), model, t=31_536_000.0)
    before, now = (drive @ (cells[0] - cells[1]) for cells in (g, aged))
    errors = {
        rule: float((compensation_factor(before, now, rule) * now - before).square().mean().sqrt() / before.std())
        for rule in ("none", "per_tile", "per_column")
    }
    assert errors["none"] > 0.5
    assert errors["per_tile"] < 0.6 * errors["none"]
    assert errors["per_column"] <= errors["per_tile"]


@pytest.mark.parametrize("rule", ["none", "per_tile", "per_column"])
def test_one_factor_for_every_column_of_every_tile_of_every_chip(rule: str) -> None:
    before, now = responses(3, 2, 7, 4), responses(3, 2, 7, 4) * 0.5
    found = compensation_factor(before, now, rule)  # type: ignore[arg-type]
    assert found.shape == (3, 2, 4)
    assert torch.equal(found[1, 1], compensation_factor(before[1, 1], now[1, 1], rule))  # type: ignore[arg-type]
    assert compensation_factor(before.float(), now.float(), rule).dtype == torch.float32  # type: ignore[arg-type]


def test_a_column_without_a_response_is_left_alone() -> None:
    before = torch.tensor([[1.0, 0.0, 2.0]], dtype=torch.float64)
    now = torch.tensor([[0.5, 0.0, 0.0]], dtype=torch.float64)
    assert compensation_factor(before, now, "per_column").tolist() == [2.0, 1.0, 1.0]
