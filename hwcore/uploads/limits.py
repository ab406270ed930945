"""Limits of a dataset, in every direction in which a file can lie."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20

FEWEST_TRAINING_IMAGES: Final = 20
"""Fewer training images leave nothing to hold out, or no batch to normalise."""

FEWEST_CLASSES: Final = 2

MOST_DIRECTORY_BYTES: Final = 1 << 16
"""Bytes of the directory of a zip, at most: that of a handful of members has some hundred."""

MOST_HEADER_BYTES: Final = 4096
"""Bytes of an npy header, at most; as numpy writes it, it has 118."""

PIECE_BYTES: Final = MIB
"""Bytes of an array that are in memory at a time while it is checked."""


ANY_SIZE: Final = 1 << 50
"""Bytes, where the file is the caller's own and so is the memory."""


@dataclass(frozen=True)
class Limits:
    """The most that is accepted.

    Attributes:
        file_bytes: size of the file.
        unpacked_bytes: sum of the arrays' sizes.
        examples: images of one array.
        pixels: of one image.
        classes: number of labels.
    """

    file_bytes: int = 256 * MIB
    unpacked_bytes: int = 1024 * MIB
    examples: int = 10_000_000
    pixels: int = 65_536
    classes: int = 1000
