"""The official distributions: names of their files, where they are, their checksums, and how they are coded.

The SHA-256 sums agree in several independent public lists (MNIST: TensorFlow Haskell's Nix recipe, torchvision's
prototype; EMNIST: MLDatasets.jl; CIFAR-10: red-datasets, gomlx; and others); torchvision publishes the MD5 sums of the
same files, and the authors of CIFAR-10 that of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Download:
    """One file to fetch: its mirrors in order of preference, its SHA-256 and its size in bytes."""

    name: str
    urls: tuple[str, ...]
    sha256: str
    size: int


@dataclass(frozen=True)
class Official:
    """One distribution in the IDX format.

    Args:
        name: the name in a job.
        folder: the folder below MHO_DATA_DIR that holds the files.
        train_images, train_labels, test_images, test_labels: names of the gzip files; without `.gz` where unpacked.
        downloads: the four files, or one zip archive that holds them.
        train_count, test_count: images in the official split.
        first_label: the code of class 0 in the label files.
        transposed: whether rows and columns of the images are exchanged in the files.
    """

    name: str
    folder: str
    train_images: str
    train_labels: str
    test_images: str
    test_labels: str
    downloads: tuple[Download, ...]
    train_count: int
    test_count: int
    first_label: int = 0
    transposed: bool = False

    @property
    def files(self) -> tuple[str, str, str, str]:
        """The four file names, in the order in which `Dataset` has the arrays."""
        return self.train_images, self.train_labels, self.test_images, self.test_labels


@dataclass(frozen=True)
class Records:
    """One distribution as files of records: a label of one byte, then the bytes of its image.

    Args:
        name: the name in a job.
        folder: the folder below MHO_DATA_DIR that holds the files.
        train_files, test_file: names of the files.
        downloads: one archive that holds them.
        train_count, test_count: images in the official split.
    """

    name: str
    folder: str
    train_files: tuple[str, ...]
    test_file: str
    downloads: tuple[Download, ...]
    train_count: int
    test_count: int

    @property
    def files(self) -> tuple[str, ...]:
        """All file names, those to train on first."""
        return (*self.train_files, self.test_file)


Distribution = Official | Records
"""A dataset as its authors distribute it: its name, its files, and where to fetch them."""


def _mnist_file(name: str, sha256: str, size: int) -> Download:
    mirrors = ("https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist")
    return Download(name, tuple(f"{mirror}/{name}" for mirror in mirrors), sha256, size)


MNIST = Official(
    name="mnist",
    folder="mnist",
    train_images="train-images-idx3-ubyte.gz",
    train_labels="train-labels-idx1-ubyte.gz",
    test_images="t10k-images-idx3-ubyte.gz",
    test_labels="t10k-labels-idx1-ubyte.gz",
    downloads=(
        _mnist_file(
            "train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9_912_422
        ),
        _mnist_file(
            "train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28_881
        ),
        _mnist_file(
            "t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1_648_877
        ),
        _mnist_file(
            "t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4_542
        ),
    ),
    train_count=60_000,
    test_count=10_000,
)

# Cohen, Afshar, Tapson, van Schaik 2017, arXiv:1702.05373; NIST Special Database 19. One archive holds every split.
EMNIST_LETTERS = Official(
    name="emnist-letters",
    folder="emnist",
    train_images="emnist-letters-train-images-idx3-ubyte.gz",
    train_labels="emnist-letters-train-labels-idx1-ubyte.gz",
    test_images="emnist-letters-test-images-idx3-ubyte.gz",
    test_labels="emnist-letters-test-labels-idx1-ubyte.gz",
    downloads=(
        Download(
            "gzip.zip",
            ("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",),
            "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
            561_753_746,
        ),
    ),
    train_count=124_800,
    test_count=20_800,
    first_label=1,
    transposed=True,
)

# The binary version: nothing has to be unpickled. The MD5 sum of its authors is c32a1d4ab5d03f1284b67883e8d87530.
CIFAR10 = Records(
    name="cifar10",
    folder="cifar10",
    train_files=tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    test_file="test_batch.bin",
    downloads=(
        Download(
            "cifar-10-binary.tar.gz",
            ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            170_052_171,
        ),
    ),
    train_count=50_000,
    test_count=10_000,
)

OFFICIAL: Mapping[str, Official] = MappingProxyType({official.name: official for official in (MNIST, EMNIST_LETTERS)})
