"""Normalised channels: moments of the training images, nothing clipped, the same by torch's own normalisation."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hwcore.datasets import Dataset, load, normalized_channels


def dataset(shape: tuple[int, ...], dtype: str = "uint8", *, series: bool = False) -> Dataset:
    generator = np.random.default_rng(0)
    span = 40 * np.arange(1, shape[0] + 1).reshape(-1, *[1] * (len(shape) - 1))
    images = [(generator.integers(0, 5, (count, *shape)) * span // 4 + 7).astype(dtype) for count in (30, 20)]
    labels = [np.arange(count) % 3 for count in (30, 20)]
    return Dataset("made", "", "", images[0], labels[0], images[1], labels[1], 3, 255, series=series)


def inputs(codes: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(codes).double() / 32_767


@pytest.mark.parametrize(
    ("shape", "dtype", "series"),
    [((3, 5, 4), "uint8", False), ((2, 9), "int16", True), ((6,), "uint8", False), ((5, 4), "int32", False)],
)
def test_channels_have_mean_0_and_one_scale(shape: tuple[int, ...], dtype: str, series: bool) -> None:
    found = normalized_channels(dataset(shape, dtype, series=series))
    assert (found.signed, found.full_scale, found.train_images.dtype) == (True, 32_767, np.int16)
    assert found.normalization is not None
    channels = found.input_shape[0] if len(found.input_shape) > 1 else 1
    by_channel = inputs(found.train_images).reshape(30, channels, -1).transpose(0, 1).flatten(1)
    half_a_step = 0.5 / 32_767
    torch.testing.assert_close(by_channel.mean(1), torch.zeros(channels).double(), rtol=0, atol=half_a_step)
    std = by_channel.std(1, unbiased=False) * found.normalization.largest
    torch.testing.assert_close(std, torch.ones(channels).double(), rtol=0, atol=1e-4)
    assert int(np.abs(found.train_images.astype(int)).max()) == 32_767
    assert found.train_images.shape == dataset(shape).train_images.shape


def test_batch_normalisation_of_torch_agrees_on_the_test_images() -> None:
    made = dataset((3, 5, 4))
    norm = torch.nn.BatchNorm2d(3, eps=1e-30, momentum=None, affine=False, dtype=torch.float64)
    norm(torch.from_numpy(made.train_images).double())
    # torch keeps the unbiased variance of a batch.
    count = made.train_images[:, 0].size
    norm.running_var.mul_((count - 1) / count)
    expected = norm.eval()(torch.from_numpy(made.test_images).double())
    found = normalized_channels(made)
    assert found.normalization is not None
    wanted = (expected / found.normalization.largest).clamp(-1, 1)
    torch.testing.assert_close(inputs(found.test_images), wanted, rtol=0, atol=0.51 / 32_767)


def test_what_is_beyond_the_training_images_is_clipped_and_what_never_changes_is_0() -> None:
    made = dataset((2, 5, 4))
    train, test = made.train_images.copy(), made.test_images.copy()
    train[:, 0], test[0] = 9, 255
    found = normalized_channels(replace(made, train_images=train, test_images=test))
    assert not found.train_images[:, 0].any()
    assert found.test_images[0, 1].tolist() == np.full((5, 4), 32_767).tolist()


def test_digits_are_as_before_but_for_the_scale() -> None:
    found, plain = normalized_channels(load("digits")), load("digits")
    mean, std = plain.train_images.mean(), plain.train_images.std()
    assert found.normalization is not None
    np.testing.assert_allclose(found.normalization.mean, mean, rtol=1e-12)
    np.testing.assert_allclose(found.normalization.std, std, rtol=1e-12)
