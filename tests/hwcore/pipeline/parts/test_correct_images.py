"""Precision that a chip is judged in, and the count of images that it classifies right."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from hwcore.crossbar import Chip, ChipLayer, as_designed
from hwcore.pipeline.parts.correct_images import correct_images, in_its_precision
from hwcore.spec import EFFECTS
from hwcore.training import Examples
from tests.hwcore.crossbar.built_chips import CODES, LSB, foundry, logits, mapped, under
from tests.hwcore.crossbar.small_networks import one_array


def test_variances_that_single_precision_cannot_hold_stay_in_double() -> None:
    seen = []
    chip = foundry().chip(0, under(["programming", "read"]))
    for size in (1.0, 1e-30):
        arrays = {name: one_array(layer) for name, layer in chip.layers.items()}
        layers = {
            name: ChipLayer((replace(array, read_variance=array.read_variance * size),))
            for name, array in arrays.items()
        }
        seen.append(in_its_precision(mapped(), Chip(layers, chip.reads)).dtype)
    assert seen == [torch.float32, torch.float64]


@pytest.mark.parametrize(
    ("effects", "dtype"),
    [
        ([], torch.float64),
        (["adc"], torch.float64),
        (["stuck_at"], torch.float64),
        (["programming"], torch.float32),
        (["read"], torch.float32),
        (["wires", "adc"], torch.float32),
        (list(EFFECTS), torch.float32),
    ],
    ids=str,
)
def test_precision_is_double_where_weights_are_on_their_levels(effects: Any, dtype: torch.dtype) -> None:
    assert in_its_precision(mapped(), foundry().chip(0, under(effects))).dtype == dtype


def test_one_layer_on_its_levels_is_enough_for_double_precision() -> None:
    written, designed = foundry().chip(0, under(["programming"])), as_designed(mapped())
    mixed = Chip({**written.layers, "fc2": designed.layers["fc2"]})
    assert in_its_precision(mapped(), mixed).dtype == torch.float64


def test_images_of_the_right_class_are_counted() -> None:
    labels = logits(as_designed(mapped())).argmax(1)
    labels[:2] += 1
    test = Examples(CODES, LSB, labels, (1, 21))
    assert correct_images(mapped(), foundry().chip(0, under([])), test) == len(test) - 2
