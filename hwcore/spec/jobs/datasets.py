"""Facts of each dataset that a job needs before the dataset is loaded: its size, not its data."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

DatasetName = Literal["digits", "mnist", "emnist-letters", "cifar10", "fsdd"]
DATASET_NAMES: tuple[DatasetName, ...] = get_args(DatasetName)


@dataclass(frozen=True)
class DatasetFacts:
    """The shape of a classification task.

    Attributes:
        name: as a job names it, or what people call data of their own.
        input_shape: of one example: (channels, height, width) of an image, (channels, length) of a series, (units,) of
            a vector.
        classes: number of labels, and so of outputs of a network.
        description: what it is and where it comes from.
        signed: whether inputs have both signs, or go from 0.
        targets: "classes", or "numbers" that the network is to find; then `classes` is how many.
    """

    name: str
    input_shape: tuple[int, ...]
    classes: int
    description: str
    signed: bool = False
    targets: Literal["classes", "numbers"] = "classes"

    @property
    def inputs(self) -> int:
        """Numbers per example."""
        return math.prod(self.input_shape)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(height, width) in pixels, (length,) of a series, () of a vector: what a kernel moves over."""
        return self.input_shape[1:]


def _grey(name: DatasetName, shape: tuple[int, int], classes: int, description: str) -> DatasetFacts:
    return DatasetFacts(name, (1, *shape), classes, description)


DATASETS: Mapping[str, DatasetFacts] = MappingProxyType(
    {
        facts.name: facts
        for facts in (
            _grey(
                "digits",
                (8, 8),
                10,
                "1,797 handwritten digits that come with scikit-learn: no download. Source: E. Alpaydin and C. Kaynak, "
                "Optical Recognition of Handwritten Digits, UCI, 1998.",
            ),
            _grey(
                "mnist",
                (28, 28),
                10,
                "70,000 handwritten digits. Source: Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database.",
            ),
            _grey(
                "emnist-letters",
                (28, 28),
                26,
                "Handwritten letters, both cases as one class. Source: G. Cohen et al. 2017, arXiv:1702.05373.",
            ),
            DatasetFacts(
                "cifar10",
                (3, 32, 32),
                10,
                "60,000 colour images of ten kinds of things. Source: A. Krizhevsky, Learning Multiple Layers of "
                "Features from Tiny Images, 2009.",
            ),
            DatasetFacts(
                "fsdd",
                (10, 49),
                10,
                "3,000 spoken digits of six speakers as 10 mel-frequency cepstral coefficients in 49 frames of 40 ms "
                "every 20 ms. Source: Z. Jackson et al., Free Spoken Digit Dataset, CC BY-SA 4.0.",
                signed=True,
            ),
        )
    }
)
