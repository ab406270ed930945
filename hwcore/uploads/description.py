"""Contents of a user's dataset."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Description:
    """Contents of a file.

    Attributes:
        format: "npz" or "idx".
        height, width: of an image, pixels; a vector of features is one row, and so is a series.
        classes: the largest label plus one; of numbers as targets, how many an image has.
        training_images, test_images: how many there are.
        split: "given" by the file, or "seeded": a fifth of each class, drawn once and for all.
        full_scale: the value of a fully inked pixel in the file.
        largest: the size of the largest value that was found, as a whole number of `full_scale_byte`.
        full_scale_byte: what a fully inked pixel becomes: 255, or the full scale where the file holds whole numbers;
            32,767 of signed floating point.
        training_per_class, test_per_class: images of each class, by label; empty where targets are numbers.
        warnings: what is allowed but probably not meant.
        channels: of an image or a series; None: one.
        series: True where an example is (channels, width); None: it is an image.
        signed: True where values have both signs; None: they go from 0.
        targets: "numbers"; None: classes.
    """

    format: Literal["npz", "idx"]
    height: int
    width: int
    classes: int
    training_images: int
    test_images: int
    split: Literal["given", "seeded"]
    full_scale: float
    largest: int
    full_scale_byte: int
    training_per_class: tuple[int, ...]
    test_per_class: tuple[int, ...]
    warnings: tuple[str, ...]
    channels: int | None = None
    series: bool | None = None
    signed: bool | None = None
    targets: Literal["numbers"] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, by the names above; what is None is left out."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value is not None
        }
