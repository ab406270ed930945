"""Spoken digits: folds part the recordings, rows are told against the reference of their own fold."""

from typing import Any

import numpy as np
import pytest

from benchmarks.fsdd import CELLS, FOLDS, LIMITS, PCM, Split, figures_of, fsdd_table, is_tested, job_of
from benchmarks.grid import Budget

SPEAKERS = np.repeat(["b", "a", "c"], 100)
DIGITS = np.tile(np.repeat([0, 1], 50), 3)


def test_every_recording_is_tested_in_one_fold_and_five_of_each_speaker_and_digit() -> None:
    folds = [is_tested(Split("fold", number), DIGITS, SPEAKERS) for number in range(FOLDS)]
    assert np.array_equal(np.sum(folds, axis=0), np.ones(300))
    for fold in folds:
        assert {int((fold & (who == SPEAKERS) & (digit == DIGITS)).sum()) for who in "abc" for digit in (0, 1)} == {5}
    # In the order of the file.
    assert list(np.flatnonzero(folds[1])[:5]) == [5, 6, 7, 8, 9]


def test_a_speaker_is_left_out_by_name() -> None:
    assert set(SPEAKERS[is_tested(Split("speaker", 0), DIGITS, SPEAKERS)]) == {"a"}


def test_chips_have_what_the_page_says() -> None:
    phase_change = job_of("dense", PCM, 6e-3, Budget(1, 1)).described_hardware
    assert (phase_change.adc.bits, phase_change.calibration, phase_change.input.bits) == (8, "per_column", 8)
    assert all(layer.window.groups == 1 for layer in job_of("dense", PCM, 6e-3, Budget(1, 1)).course().plan)
    coarse = job_of("ds-cnn", CELLS, 6e-3, Budget(2, 3))
    assert (coarse.described_hardware.cell.levels, coarse.course().float_epochs, coarse.training.epochs) == (4, 2, 3)
    assert any(layer.window.groups > 1 for layer in coarse.course().plan)


def rows() -> list[dict[str, Any]]:
    alike = {"network": "ds-cnn", "by": "fold"}
    references = [{"kind": "reference", **alike, "number": number, "test": 0.9 + number / 10} for number in (0, 1)]
    cells = [{"kind": "cells", **alike, "number": number, "chip": CELLS, "test": 0.8} for number in (0, 1)]
    chips = {"kind": "cells", **alike, "number": 1, "chip": PCM, "test": 1.0}
    return [*references, *cells, {**chips, "chips": [0.9, 0.98], "depthwise_exact": [0.96, 1.0]}]


def test_losses_are_paired_by_fold() -> None:
    figures = {figure.name: figure for figure in figures_of(rows())}
    assert {name: round(figure.value, 6) for name, figure in figures.items()} == {
        "fsdd_loss_ds_cnn_2bit": 15.0,
        "fsdd_loss_ds_cnn_pcm": 6.0,
        "fsdd_loss_ds_cnn_pcm_depthwise_exact": 2.0,
    }
    assert figures["fsdd_loss_ds_cnn_2bit"].half_width == pytest.approx(63.53, abs=0.01)
    assert figures["fsdd_loss_ds_cnn_pcm"].limit == LIMITS["ds-cnn", PCM]
    assert figures["fsdd_loss_ds_cnn_pcm_depthwise_exact"].limit is None
    assert len(fsdd_table(rows()).splitlines()) == 2 + 3
