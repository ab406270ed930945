"""Window of an array over its input: what lies under its kernel, and the positions that the kernel takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Margin = tuple[int, int]
"""Pixels of zero drive before the input and after it, along one direction."""


@dataclass(frozen=True)
class Window:
    """Positions that an array has over its input: one of a dense layer, one for every step of a kernel that moves.

    `Window.of` makes one from numbers that hold for all directions. With groups, the channels are cut into as many
    runs, and so are the bit lines: those of a group see the channels of their group alone. As many groups as channels
    are a depthwise convolution.

    Attributes:
        channels: of the input; units of a dense layer.
        size: of the input along every direction in which the kernel moves, pixels: (height, width) of an image,
            (length,) of a series, () of a dense layer.
        kernel, stride, dilation: pixels, from 1, one number for each direction. The dilation is the step from one pixel
            under the kernel to the next.
        padding: pixels of zero drive, from 0, before and after the input along each direction.
        groups: from 1; the channels are a multiple of it.

    Raises:
        ValueError: another number of directions, channels that are no multiple of the groups, or groups of a dense
            layer.
    """

    channels: int
    size: tuple[int, ...] = ()
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    padding: tuple[Margin, ...] = ()
    dilation: tuple[int, ...] = ()
    groups: int = 1

    def __post_init__(self) -> None:
        for name in ("kernel", "stride", "padding", "dilation"):
            got = len(getattr(self, name))
            if got != len(self.size):
                raise ValueError(f"{name}: got {got} directions; allowed: {len(self.size)}, those of the input")
        if self.groups > 1 and not self.moves:
            raise ValueError(f"groups: got {self.groups}; allowed: 1 where no kernel moves")
        if self.groups < 1 or self.channels % self.groups:
            raise ValueError(f"groups: got {self.groups}; allowed: a divisor of the {self.channels} channels")

    @classmethod
    def of(
        cls,
        channels: int,
        size: Sequence[int] = (),
        kernel: int | Sequence[int] = 1,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int | Margin] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
    ) -> Window:
        """Make a window; a single number holds for all directions, and a margin of one number for both ends.

        Args:
            channels: as for the class, as are size and groups.
            size: one number for each direction.
            kernel: pixels, as are stride, padding and dilation.
            stride: from one position to the next.
            padding: a number, or for each direction a number or (before, after).
            dilation: from one pixel under the kernel to the next.
            groups: of channels.

        Raises:
            ValueError: as for the class.
        """
        directions = len(size)
        margins = margins_of(padding, directions)
        kernel, stride, dilation = (along_each(value, directions) for value in (kernel, stride, dilation))
        return cls(channels, tuple(size), kernel, stride, margins, dilation, groups)

    @property
    def moves(self) -> bool:
        """True where one array computes several positions, as that of a convolution does."""
        return bool(self.size)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """(units,) or (channels of a group, *kernel): what the word lines stand for, in their order."""
        return self.channels // self.groups, *self.kernel

    @property
    def rows(self) -> int:
        """Word lines of one group: units, or channels x kernel x kernel, in that order (that of torch.nn.Unfold)."""
        return math.prod(self.kernel_shape)

    @property
    def drives(self) -> int:
        """Inputs under the kernel: those of the word lines of all groups."""
        return self.groups * self.rows

    @property
    def span(self) -> tuple[int, ...]:
        """Pixels from the first under the kernel to the last, both counted: dilation (kernel - 1) + 1."""
        return tuple(step * (length - 1) + 1 for length, step in zip(self.kernel, self.dilation, strict=True))

    @property
    def padded(self) -> tuple[int, ...]:
        """Size of the padded input, pixels."""
        return tuple(length + sum(margin) for length, margin in zip(self.size, self.padding, strict=True))

    @property
    def map(self) -> tuple[int, ...]:
        """Positions in every direction: floor((padded - span) / stride) + 1."""
        along = zip(self.padded, self.span, self.stride, strict=True)
        return tuple((length - span) // step + 1 for length, span, step in along)

    @property
    def positions(self) -> int:
        """Products of the array per image: one, or one for every position of the kernel."""
        return math.prod(self.map)

    @property
    def middle(self) -> int:
        """Number of the position in the middle of the map, row after row."""
        number = 0
        for length in self.map:
            number = number * length + length // 2
        return number


def along_each(value: int | Sequence[int], directions: int) -> tuple[int, ...]:
    """The numbers of every direction: a single one holds for all of them."""
    return (value,) * directions if isinstance(value, int) else tuple(value)


def margins_of(padding: int | Sequence[int | Margin], directions: int) -> tuple[Margin, ...]:
    """Margins (before, after) of every direction: a single number holds for both ends, or for all of them."""
    each = along_each(padding, directions) if isinstance(padding, int) else padding
    return tuple((margin, margin) if isinstance(margin, int) else margin for margin in each)
