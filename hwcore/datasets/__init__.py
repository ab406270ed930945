"""Images to train and to test on: scikit-learn's digits, MNIST, EMNIST Letters, and what a user brings, by numpy."""

from hwcore.datasets.catalogue import load
from hwcore.datasets.dataset import Dataset
from hwcore.datasets.idx import read_idx
from hwcore.datasets.own import load_own
from hwcore.datasets.split import holdout

__all__ = ["Dataset", "holdout", "load", "load_own", "read_idx"]
