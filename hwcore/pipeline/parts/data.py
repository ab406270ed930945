"""The dataset as the job uses it: held-out images apart, codes of the DAC made once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Int64, Integer

from hwcore.converters import dac_code, dac_lsb
from hwcore.datasets import Dataset, holdout, load, load_own, normalized_channels
from hwcore.errors import DatasetInvalid
from hwcore.pipeline.parts.own_file import require_file
from hwcore.spec import Course, Examination, FileDataset, UploadedDataset, dataset_name, normalized
from hwcore.training import Examples
from hwcore.uploads import FEWEST_TRAINING_IMAGES

Labels = Int64[np.ndarray, " _n"] | Float32[np.ndarray, "_n _outputs"]


@dataclass(frozen=True)
class Views:
    """Images through one DAC: those to train on, those held out, those to report on."""

    training: Examples
    validation: Examples
    test: Examples


@dataclass(frozen=True)
class JobData:
    """Everything a job reads.

    Attributes:
        dataset: as it was loaded.
        plain: at the full precision of the data, for the floating-point network.
        chip: through the DAC of the description.
    """

    dataset: Dataset
    plain: Views
    chip: Views


def load_data(
    purpose: Course | Examination, data_dir: Path | None, device: torch.device, dataset_file: Path | None = None
) -> JobData:
    """Load a dataset, and make of it what `job_data` does.

    Args:
        purpose: what the images are for: it names the dataset, the DAC in front of the chip, and the seed of the choice
            of held-out images.
        data_dir, dataset_file: as of `Environment`.
        device: of the images.

    Raises:
        DatasetUnavailable, DatasetInvalid, InvalidInput: as from `hwcore.pipeline.run`.
    """
    chosen = purpose.dataset
    if isinstance(chosen, UploadedDataset | FileDataset):
        dataset = load_own(*require_file(chosen, dataset_file))
    else:
        dataset = load(dataset_name(chosen), data_dir=data_dir)
    return job_data(purpose, dataset, device)


def job_data(purpose: Course | Examination, dataset: Dataset, device: torch.device) -> JobData:
    """Normalise a dataset where that is asked for, and hold out a tenth of its training images.

    Args:
        purpose, device: as for `load_data`.
        dataset: as it was loaded.

    Raises:
        DatasetInvalid: too few images, or not of every kind that the metric needs.
    """
    if normalized(purpose.dataset):
        dataset = normalized_channels(dataset)
    if len(dataset.train_labels) < FEWEST_TRAINING_IMAGES:
        raise DatasetInvalid(
            f"{dataset.name}: got {len(dataset.train_labels)} training images; expected at least "
            f"{FEWEST_TRAINING_IMAGES}, of which a tenth is held out"
        )
    train_images, train_labels = dataset.train_images, dataset.train_labels
    kept, held = holdout(len(dataset.train_labels), purpose.seed)

    # An autoencoder learns what is normal; what is not is told apart by it.
    learned = kept[train_labels[kept] == 0] if purpose.metric == "roc_auc" else kept
    if purpose.metric == "roc_auc":
        _require_both_kinds(dataset, len(learned))

    def views(bits: int | None) -> Views:
        full_scale, signed = dataset.full_scale, dataset.signed
        lsb = dac_lsb(full_scale, bits, signed=signed)

        def examples(images: Integer[np.ndarray, "n ..."], labels: Labels) -> Examples:
            codes = dac_code(images, full_scale, bits, signed=signed)
            return Examples.of(codes, lsb, labels, device, dataset.input_shape, purpose.metric)

        return Views(
            examples(train_images[learned], train_labels[learned]),
            examples(train_images[held], train_labels[held]),
            examples(dataset.test_images, dataset.test_labels),
        )

    bits, plain = purpose.hardware.input.bits, views(None)
    return JobData(dataset, plain, plain if bits is None else views(bits))


def _require_both_kinds(dataset: Dataset, learned: int) -> None:
    """Refuse data without normal images to learn from, or without both kinds to be told apart."""
    fewest = FEWEST_TRAINING_IMAGES // 2
    if learned < fewest:
        raise DatasetInvalid(
            f"dataset: got {learned} normal training images (label 0), those held out not counted; expected at least "
            f"{fewest}, which an autoencoder learns from (metric roc_auc)"
        )
    anomalous = int((dataset.test_labels > 0).sum())
    if not 0 < anomalous < len(dataset.test_labels):
        raise DatasetInvalid(
            f"dataset: got {anomalous} anomalous of {len(dataset.test_labels)} test images; expected one or more of "
            "label 0 and of label 1, which are to be told apart (metric roc_auc)"
        )
