"""What a job reads: held-out images apart, codes by the DAC of the description."""

import numpy as np
import torch

from hwcore.converters import dac_code
from hwcore.datasets import holdout, load
from hwcore.pipeline.data import load_data
from tests.hwcore.pipeline.small_jobs import HARDWARE, job

CPU = torch.device("cpu")


def test_the_training_images_are_split_and_the_test_images_are_not() -> None:
    digits = load("digits")
    kept, held = holdout(len(digits.train_labels), 3)
    views = load_data(job(training={"seed": 3}), None, CPU).plain
    assert torch.equal(views.training.labels, torch.from_numpy(digits.train_labels[kept]))
    assert torch.equal(views.validation.labels, torch.from_numpy(digits.train_labels[held]))
    assert torch.equal(views.test.labels, torch.from_numpy(digits.test_labels))
    assert torch.equal(views.validation.codes, torch.from_numpy(digits.train_images[held].reshape(len(held), 64)))
    other = load_data(job(training={"seed": 4}), None, CPU).plain
    assert not torch.equal(other.validation.labels, views.validation.labels)
    assert torch.equal(other.test.codes, views.test.codes)


def test_the_chip_sees_the_codes_of_its_dac() -> None:
    data = load_data(job(), None, CPU)
    assert (data.plain.test.lsb, data.chip.test.lsb) == (1 / 16, 1 / 15)
    pixels = load("digits").test_images.reshape(-1, 64)
    assert np.array_equal(data.chip.test.codes.numpy(), dac_code(pixels, 16, 4))
    for views in (data.plain, data.chip):
        for examples in (views.training, views.validation, views.test):
            inputs = examples.inputs(slice(None), torch.float64)
            assert (float(inputs.min()), float(inputs.max())) == (0.0, 1.0)


def test_without_a_dac_both_see_the_same() -> None:
    data = load_data(job(hardware={**HARDWARE, "input": {}}), None, CPU)
    assert data.chip is data.plain
