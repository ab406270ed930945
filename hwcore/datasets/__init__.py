"""Handwriting to train and to test on: scikit-learn's digits, MNIST and EMNIST Letters, as plain numpy arrays."""

from hwcore.datasets.catalogue import load
from hwcore.datasets.dataset import Dataset
from hwcore.datasets.idx import read_idx
from hwcore.datasets.split import holdout

__all__ = ["Dataset", "holdout", "load", "read_idx"]
