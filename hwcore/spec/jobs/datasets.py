"""Facts of each dataset that a job needs before the dataset is loaded: its size, not its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

DatasetName = Literal["digits", "mnist", "emnist-letters"]
DATASET_NAMES: tuple[DatasetName, ...] = get_args(DatasetName)


@dataclass(frozen=True)
class DatasetFacts:
    """The shape of a classification task.

    Attributes:
        name: as a job names it, or what people call data of their own.
        inputs: numbers per example, height x width.
        classes: number of labels.
        image_shape: height and width in pixels.
        description: what it is and where it comes from.
    """

    name: str
    inputs: int
    classes: int
    image_shape: tuple[int, int]
    description: str


def _facts(name: DatasetName, shape: tuple[int, int], classes: int, description: str) -> DatasetFacts:
    return DatasetFacts(name, shape[0] * shape[1], classes, shape, description)


DATASETS: Mapping[str, DatasetFacts] = MappingProxyType(
    {
        facts.name: facts
        for facts in (
            _facts(
                "digits",
                (8, 8),
                10,
                "1,797 handwritten digits that come with scikit-learn: no download. Source: E. Alpaydin and C. Kaynak, "
                "Optical Recognition of Handwritten Digits, UCI, 1998.",
            ),
            _facts(
                "mnist",
                (28, 28),
                10,
                "70,000 handwritten digits. Source: Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database.",
            ),
            _facts(
                "emnist-letters",
                (28, 28),
                26,
                "Handwritten letters, both cases as one class. Source: G. Cohen et al. 2017, arXiv:1702.05373.",
            ),
        )
    }
)
