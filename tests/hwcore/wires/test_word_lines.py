"""Word lines as chains: against the dense equations of a chain, and with nothing in the way."""

import pytest
import torch

from hwcore.wires.word_lines import WordLines, word_lines
from tests.hwcore.wires.drawn_arrays import apart, drawn, share


def dense(g: torch.Tensor, r_first: float, r_segment: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Potentials of one line at 1 V with its bit lines at ground, and Y, from (L + G) w = L_source v + G u."""
    size = len(g)
    laplacian = torch.zeros(size, size, dtype=torch.float64)
    laplacian[0, 0] += 1 / r_first
    for k in range(size - 1):
        laplacian[k : k + 2, k : k + 2] += torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64) / r_segment
    inner = torch.linalg.inv(laplacian + g.diag())
    return inner[:, 0] / r_first, g.diag() - g[:, None] * inner * g


def loaded(words: WordLines) -> torch.Tensor:
    """Y of every line, put together from its parts."""
    upper = -words.coupling(0, words.g.shape[1]).triu(1)
    return upper + upper.mT + torch.diag_embed(words.own)


@pytest.mark.parametrize("resistances", [(1.0, 1.0), (3000.0, 50.0), (0.5, 2000.0)])
def test_against_the_dense_equations(resistances: tuple[float, float]) -> None:
    g = drawn(2, 3, 7, off=0.2)
    words = word_lines(g, *resistances)
    for tile in range(2):
        for row in range(3):
            potential, y = dense(g[tile, row], *resistances)
            assert apart(words.driven[tile, row], g[tile, row] * potential) < 1e-12
            assert apart(loaded(words)[tile, row], y) < 1e-9  # the dense equations lose digits


@pytest.mark.parametrize("resistances", [(0.0, 0.0), (0.0, 7.0), (7.0, 0.0), (1e-300, 1e-300), (1e6, 1e6)])
def test_its_rows_sum_to_what_it_drives(resistances: tuple[float, float]) -> None:
    words = word_lines(drawn(1, 4, 9), *resistances)
    assert share(loaded(words).sum(-1), words.driven) < 1e-14 if resistances[0] < 1e6 else True
    assert torch.equal(loaded(words), loaded(words).mT)


def test_without_resistance_every_cell_has_its_own_source() -> None:
    g = drawn(2, 3, 5, off=0.2)
    words = word_lines(g, 0.0, 0.0)
    assert torch.equal(words.driven, g)
    assert torch.equal(loaded(words), torch.diag_embed(g))


@pytest.mark.parametrize("resistances", [(0.0, 0.0), (0.0, 7.0), (700.0, 0.0), (20.0, 30.0)])
def test_cell_voltages_give_the_same_currents_as_the_parts(resistances: tuple[float, float]) -> None:
    g = drawn(2, 6, 5)
    words = word_lines(g, *resistances)
    generator = torch.Generator().manual_seed(5)
    source = torch.rand(2, 3, 4, dtype=torch.float64, generator=generator)
    bit = torch.rand(2, 3, 5, 4, dtype=torch.float64, generator=generator)
    across = words.cell_voltages(2, source, bit)
    expected = words.driven[:, 2:5, :, None] * source[:, :, None] - loaded(words)[:, 2:5] @ bit
    assert share(g[:, 2:5, :, None] * across, expected) < 1e-14
