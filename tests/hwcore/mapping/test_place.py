"""Codes and conductances of every cell, and the one transpose."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.mapping import place
from hwcore.spec import Levels, component_tables, parse_hardware, representable
from tests.hwcore.spec.chips import Description, chip, descriptions


def test_by_hand() -> None:
    # Positive 1, 4.5, 8 uS, negative 0.8, 3.6, 6.4 uS: the values are -5.4, -2.6, 0.2, 3.7 and 7.2 uS.
    hardware = chip({"levels": 3, "g_max": 8e-6, "on_off_ratio": 8, "negative": {"gain": 0.8}})
    index = torch.tensor([[0, 2, 4], [3, 1, 2]])  # two outputs of three inputs
    found = place(index, Levels.of(hardware))
    assert found.code_pos.tolist() == [[0, 1], [0, 0], [2, 0]]
    assert found.code_neg.tolist() == [[2, 0], [0, 1], [0, 0]]
    np.testing.assert_allclose(found.g_pos, np.array([[1, 4.5], [1, 1], [8, 1]]) * 1e-6, rtol=1e-12)
    np.testing.assert_allclose(found.g_neg, np.array([[6.4, 0.8], [0.8, 3.6], [0.8, 0.8]]) * 1e-6, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(descriptions(), st.integers(0, 1000))
def test_every_cell_holds_its_weight_exactly(description: Description, seed: int) -> None:
    hardware = parse_hardware(description)
    weights, tables = representable(hardware), component_tables(hardware.cell)
    index = torch.from_numpy(np.random.default_rng(seed).integers(0, len(weights.value), (5, 7)))
    found = place(index, Levels(tables, weights))
    assert found.g_pos.shape == found.g_neg.shape == found.code_pos.shape == found.code_neg.shape == (7, 5)
    assert found.code_pos.dtype == found.code_neg.dtype == torch.uint8
    assert np.array_equal((found.g_pos - found.g_neg).numpy(), weights.value[index.numpy()].T)
    assert np.array_equal(found.g_pos.numpy(), tables.g_pos[found.code_pos.numpy()])
    assert np.array_equal(found.g_neg.numpy(), tables.g_neg[found.code_neg.numpy()])


@pytest.mark.parametrize("levels", [2, 256])
def test_codes_fit_a_byte(levels: int) -> None:
    hardware = chip({"levels": levels, "g_max": 1e-5})
    weights = representable(hardware)
    index = torch.arange(len(weights.value))[None, :]
    found = place(index, Levels.of(hardware))
    assert int(found.code_pos.max()) == int(found.code_neg.max()) == levels - 1
