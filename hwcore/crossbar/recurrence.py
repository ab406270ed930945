"""Drives of a recurrent array, whose state goes back to its own word lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.crossbar.word_lines import on_word_lines
from hwcore.digital import activated, lstm_step
from hwcore.mapping import MappedActivation, MappedLayer
from hwcore.spec import Lstm


class Recurrence(Iterator[Tensor]):
    """Drives (batch, drives) of a recurrent array, batch after batch and in each step after step.

    The drives of a step follow from the currents of the one before: `give` them before the next drives are taken.
    `outputs` does so with the currents of an array.

    Args:
        parts: inputs of the node, (batch, channels, length) each.
        operation: of the node.
        layer: its array, scale and bias.
        state: codes of its state.
    """

    def __init__(self, parts: Sequence[Tensor], operation: Lstm, layer: MappedLayer, state: MappedActivation) -> None:
        self.parts, self.operation, self.layer, self.state = parts, operation, layer, state
        self._given: Tensor | None = None
        self._outputs: list[Tensor] = []
        self._steps = self._drives()

    def __next__(self) -> Tensor:
        """The drives of the next step.

        Raises:
            RuntimeError: nobody gave the currents of the step before.
        """
        return next(self._steps)

    def give(self, current: Float[Tensor, "batch cols"]) -> None:
        """Take the currents of the drives that were taken last."""
        self._given = current

    def outputs(self, currents: Iterable[Tensor]) -> list[Tensor]:
        """Outputs of the node for every batch.

        Args:
            currents: of the array for these drives, each given before the next drives are asked for.
        """
        for current in currents:
            self.give(current)
        return self._outputs

    def under(self, currents: Float[Tensor, "products cols"]) -> Iterator[Tensor]:
        """Yield the drives of all steps as they are where the array gives these currents, whatever it would give.

        Args:
            currents: of all batches and steps, in the order of the drives.
        """
        other, start = Recurrence(self.parts, self.operation, self.layer, self.state), 0
        for drive in other:
            yield drive
            other.give(currents[start : start + len(drive)])
            start += len(drive)

    def _drives(self) -> Iterator[Tensor]:
        digital = self.layer.digital
        for x in self.parts:
            h = c = x.new_zeros(len(x), self.operation.units)
            scale, bias = digital.scale.to(x.dtype), digital.bias.to(x.dtype)
            states: list[Tensor] = []
            for step in x.unbind(2):
                self._given = None
                yield on_word_lines(torch.cat([step, h], 1), self.layer)
                if self._given is None:
                    raise RuntimeError(
                        f"{self.layer.name}: got no currents; allowed: those of each step before the next"
                    )
                h, c = lstm_step(torch.addcmul(bias, self._given, scale), c)
                h = activated(h, self.state)
                states.append(h)
            self._outputs.append(torch.stack(states, 2) if self.operation.sequence else h)
