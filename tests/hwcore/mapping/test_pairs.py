"""Pairs of one array: the conductance of every code, and the difference of the two components."""

import torch

from hwcore.mapping import Pairs
from hwcore.spec import component_tables
from tests.hwcore.spec.chips import chip

TABLES = component_tables(chip({"levels": 3, "g_max": 8e-6, "on_off_ratio": 8, "negative": {"gain": 0.8}}).cell)
"""Positive 1, 4.5 and 8 uS, negative 0.8, 3.6 and 6.4 uS."""


def test_by_hand() -> None:
    code_pos, code_neg = (torch.tensor(codes, dtype=torch.uint8) for codes in ([[0, 2], [1, 1]], [[2, 0], [0, 1]]))
    pairs = Pairs.of(code_pos, code_neg, TABLES)
    assert pairs.shape == (2, 2)
    assert torch.equal(pairs.code_pos, code_pos)
    assert torch.equal(pairs.code_neg, code_neg)
    expected = torch.tensor([[-5.4, 7.2], [3.7, 0.9]], dtype=torch.float64) * 1e-6
    torch.testing.assert_close(pairs.g.difference, expected, rtol=1e-12, atol=0)
    assert torch.equal(pairs.g.difference, pairs.g_pos - pairs.g_neg)
