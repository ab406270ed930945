"""Operation of a node: the base of every kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operations import Operations, Pixels
from hwcore.spec.graph.value_range import UNLIMITED, ValueRange

Shape = tuple[int, ...]
"""Shape of one example, without the batch: (units,), (channels, length), (channels, height, width)."""


class Misfit(ValueError):
    """Inputs of other shapes than an operation takes; the message says what came and what is allowed."""


@dataclass(frozen=True)
class Operation(ABC):
    """One kind of node, with the fields that this node chooses. A subclass is a frozen dataclass with a `kind`.

    An operation whose forms are all the same function has `compute`; one with something of its own to train, to write
    or to fold (an array, a normalisation, an activation) has its forms in `hwcore.layers.kinds`.
    """

    kind: ClassVar[str]
    """Word for the kind in files and documents."""
    title: ClassVar[str]
    """Equation or sentence for the page of the kinds."""
    inputs: ClassVar[tuple[int, int]] = (1, 1)
    """Fewest and most inputs."""

    @abstractmethod
    def shape(self, *shapes: Shape) -> Shape:
        """Shape of the output.

        Args:
            shapes: of the inputs.

        Raises:
            Misfit: the operation cannot take inputs of these shapes.
        """

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Range of the output, from those of the inputs; of both signs and without limit unless a kind knows better."""
        return UNLIMITED


class Stateless(Operation):
    """An operation without anything of its own: one function in training, on the hard network and on every chip."""

    @property
    def whole_numbers(self) -> Literal["codes", "sums", "table"] | None:
        """Meaning of `compute` on whole numbers that stand for real ones.

        codes: every output is one of the inputs. sums: outputs are new numbers, in the unit that all inputs share.
        table: a function of each element, of real numbers, which a table holds. None: no such thing, and a digital side
        with widths refuses the kind.
        """
        return None

    @abstractmethod
    def compute(self, ops: Operations, *x: Any) -> Any:
        """Outputs for a batch.

        Args:
            ops: functions that no method of a tensor offers.
            x: inputs, (batch, *shape) each.
        """


class Moving(Stateless):
    """An operation of one input that moves its numbers and leaves them as they are: all of them, in another shape."""

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Range of the input."""
        return ranges[0]

    @property
    def whole_numbers(self) -> Literal["codes"]:
        """Outputs that are inputs."""
        return "codes"


@dataclass(frozen=True)
class Pooling(Stateless):
    """Largest value or mean of the values of a map, square by square or of all of it.

    Attributes:
        type: max or average.
    """

    type: Literal["max", "average"]

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Range of the input; a mean of codes is none of them."""
        (given,) = ranges
        return given if self.type == "max" else ValueRange(given.limit, given.signed)

    @property
    def whole_numbers(self) -> Literal["codes", "sums"]:
        """The largest is one of the inputs, a mean is not."""
        return "codes" if self.type == "max" else "sums"

    def pool(self, ops: Operations, x: Any, size: Pixels, stride: Pixels, padding: Pixels) -> Any:
        """Pool squares of a map, as `Operations` has it for this type."""
        of_type = ops.max_pool if self.type == "max" else ops.average_pool
        return of_type(x, size, stride, padding)
