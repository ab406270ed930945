"""Arrays at work: currents of ideal tiles, the whole network on them, and chips drawn at random."""

from hwcore.crossbar.chip import Chip, as_designed, program_chip
from hwcore.crossbar.ideal import differential_current
from hwcore.crossbar.images_that_fit import NUMBERS, images_that_fit
from hwcore.crossbar.network import array_logits, classify, simulate
from hwcore.crossbar.pool import pooled
from hwcore.crossbar.predicted_class import predicted_class
from hwcore.crossbar.read_noise import read_current_sigma

__all__ = [
    "NUMBERS",
    "Chip",
    "array_logits",
    "as_designed",
    "classify",
    "differential_current",
    "images_that_fit",
    "pooled",
    "predicted_class",
    "program_chip",
    "read_current_sigma",
    "simulate",
]
