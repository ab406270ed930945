"""Images to train and to test on: scikit-learn's digits, MNIST, EMNIST Letters, and what a user brings, by numpy."""

from hwcore.datasets.catalogue import load
from hwcore.datasets.dataset import ChannelNormalization, Dataset
from hwcore.datasets.idx import read_idx
from hwcore.datasets.normalized import normalized_channels
from hwcore.datasets.own import load_own
from hwcore.datasets.split import holdout

__all__ = ["ChannelNormalization", "Dataset", "holdout", "load", "load_own", "normalized_channels", "read_idx"]
