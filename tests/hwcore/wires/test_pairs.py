"""Differential pairs in both layouts."""

import pytest
import torch

from hwcore.errors import ArrayTooLarge
from hwcore.mapping import Components
from hwcore.wires import PairLayout, Wires, interleaved, nodal, pair_transfer, transfer
from tests.hwcore.wires.drawn_arrays import apart, drawn, driven

LAYOUTS: tuple[PairLayout, ...] = ("separate", "interleaved")
WIRES = Wires(2.0, 3.0, 20.0, 30.0)


def pair(*shape: int) -> Components:
    return Components(drawn(*shape, off=0.1), drawn(*shape, off=0.1, seed=1))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_without_resistance_both_are_what_they_are(layout: PairLayout) -> None:
    g = pair(2, 4, 3)
    for found, side in zip(pair_transfer(g, Wires(), layout), g, strict=True):
        assert torch.equal(found, side)


def test_separate_arrays_know_nothing_of_each_other() -> None:
    g_pos, g_neg = pair(6, 5)
    m_pos, m_neg = pair_transfer(Components(g_pos, g_neg), WIRES)
    assert apart(m_pos, transfer(g_pos, WIRES)) < 1e-13
    assert apart(m_neg, transfer(g_neg, WIRES)) < 1e-13
    assert apart(pair_transfer(Components(g_pos, 5 * g_neg), WIRES).pos, m_pos) < 1e-13


def test_by_hand_one_pair_side_by_side() -> None:
    # One word line: the positive cell after one segment, the negative one after two; bit lines without resistance.
    wires, pos, neg = Wires(r_word=1000.0), 4e-5, 7e-5
    far = neg / (1 + 1000 * neg)
    potential = 1 / (1 + 1000 * (pos + far))
    g = Components(*(torch.tensor([[side]], dtype=torch.float64) for side in (pos, neg)))
    m_pos, m_neg = pair_transfer(g, wires, "interleaved")
    assert m_pos.item() == pytest.approx(potential * pos, rel=1e-15, abs=0)
    assert m_neg.item() == pytest.approx(potential * far, rel=1e-15, abs=0)


def test_columns_side_by_side() -> None:
    g = pair(2, 3, 4)
    both = interleaved(g)
    assert both.shape == (2, 3, 8)
    assert torch.equal(both[..., ::2], g.pos)
    assert torch.equal(both[..., 1::2], g.neg)


@pytest.mark.parametrize("shape", [(9, 6), (6, 9)])
def test_interleaved_is_one_circuit(shape: tuple[int, int]) -> None:
    g, drive = pair(*shape), driven(3, shape[0])
    m_pos, m_neg = pair_transfer(g, WIRES, "interleaved")
    expected = nodal(interleaved(g), drive, WIRES).current
    assert apart(drive @ m_pos, expected[:, ::2]) < 1e-13
    assert apart(drive @ m_neg, expected[:, 1::2]) < 1e-13


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_gradient_reaches_both(layout: PairLayout) -> None:
    g_pos, g_neg = (g.requires_grad_() for g in pair(4, 3))
    m_pos, m_neg = pair_transfer(Components(g_pos, g_neg), WIRES, layout)
    (m_pos.sum() - m_neg.sum()).backward()
    for g, sign in ((g_pos, 1), (g_neg, -1)):
        assert g.grad is not None
        assert bool((sign * g.grad > 0).all())


def test_another_layout_is_refused() -> None:
    with pytest.raises(ValueError, match='layout: got \'mirrored\'; allowed: "separate", "interleaved"'):
        pair_transfer.__wrapped__(pair(2, 2), WIRES, "mirrored")  # type: ignore[attr-defined]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_too_large_for_memory(layout: PairLayout) -> None:
    with pytest.raises(ArrayTooLarge):
        pair_transfer(pair(8, 8), WIRES, layout, memory=1000)
