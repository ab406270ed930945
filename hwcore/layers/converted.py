"""ADCs in training: the partial sums of every row block of tiles, converted before they are added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from hwcore.converters import adc, largest_code, largest_current, least_error_range, percentile_range
from hwcore.layers.cells import CellLayer, cell_layers
from hwcore.layers.contexts import entered
from hwcore.layers.hard_weights import EVERY, HardWeights
from hwcore.layers.network import HardwareNetwork
from hwcore.layers.operands import Operands
from hwcore.quant import nan_kept
from hwcore.snapshot import Snapshot
from hwcore.spec import Adc, CalibratedRange, Drive, GivenRange, Hardware, chain_drives, tile_grid

UNIT_DRIVE = Drive(1.0)
"""Drive of a layer by itself: from 0 to a limit that comes with every call."""
MOMENTUM = 0.5
"""Share of the newest batch in the running mean of a calibrated range."""
CURRENTS = 2048
"""Currents of every column that a range is calibrated on, at most; of more of them, so many drawn at random."""


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, current: Tensor, full_scale: Tensor, bits: int) -> Tensor:
        found = adc(current, full_scale, bits)
        ctx.inside = None
        # A NaN is none of the codes, and counts as clipped; it stays one.
        if bool(found.clipped.any()):
            inside = current.abs() <= full_scale * (1 + 0.5 / largest_code(bits))
            ctx.inside = nan_kept(inside.to(current.dtype), current)
        return found.current

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None, None]:
        (grad,) = grad_outputs
        return grad if ctx.inside is None else grad * ctx.inside, None, None


def converted_straight(
    current: Float[Tensor, "batch cols"], full_scale: Float[Tensor, " cols"], bits: int
) -> Float[Tensor, "batch cols"]:
    """`hwcore.converters.adc` forwards; backwards the identity, and zero for a current that was clipped.

    Args:
        current: of every column, any unit.
        full_scale: largest code of each of them, same unit, from 0.
        bits: from 2.

    Raises:
        ValueError: fewer than two bits.

    Source: Y. Bengio, N. Leonard, A. Courville 2013, arXiv:1308.3432 (the straight-through estimator).
    """
    result: Tensor = _StraightThrough.apply(current, full_scale, bits)  # type: ignore[no-untyped-call]
    return result


class LayerConverters:
    """sum over row blocks of ADC(partial sum), as the chip adds them; the ranges are those that the description says.

    Full: from the hard weights, as designed. Given: the number. Calibrated: from the currents of a batch, wires and
    noise and all, a running mean over batches. In training mode ranges are refreshed after a number of calls, in
    evaluation mode a full one always, and a calibrated one not at all once there is one. Ranges follow the largest
    drive, which may be trained, at every call; where nothing limits the drives it is the largest that training mode
    has seen. A recurrent layer has them refreshed in some calls, then at every step. Phases that the chip converts
    apart are converted apart; bit-serial inputs as if all bits came at once.

    Args:
        hardware: the description, with an `adc` that has bits.
        drive: of the word lines: whether it has both signs and how they come, and a limit, whose value then comes with
            every call.
        every: calls in training mode from one refresh of the ranges to the next, from 1.

    Raises:
        ValueError: no converter with bits, or as for `HardWeights`.
    """

    def __init__(self, hardware: Hardware, *, drive: Drive = UNIT_DRIVE, every: int = EVERY) -> None:
        if hardware.adc is None or hardware.adc.bits is None:
            raise ValueError("adc.bits: got null; allowed: a number of bits from 2, to have something to convert")
        self.model: Adc = hardware.adc
        self.bits: int = hardware.adc.bits
        self.array, self.drive = hardware.array, drive
        self.seen: float | None = None
        self.hard, self.every, self.age = HardWeights(every), every, 0
        self.ranges: list[Tensor] = []
        self.refreshes = False

    def __call__(self, layer: CellLayer, operands: Operands) -> Float[Tensor, "batch outputs ..."]:
        """The currents of the layer as the digital side gets them, in units of the largest weight.

        Args:
            layer: whose product it is.
            operands: noise and wires and all; where nothing limits the drives, `drive_max` is that of the bias row.
        """
        x, drive_max = operands.x, operands.drive_max
        with_bias_row = operands.bias_row is not None
        rows = layer.word_lines + with_bias_row
        blocks = tile_grid(rows, layer.outputs, self.array).row_blocks
        # Ranges follow a largest drive that is trained, and no gradient flows back to it through them.
        given = float(drive_max.detach() if isinstance(drive_max, Tensor) else drive_max)
        largest = self._largest(layer, x, given if self.drive.limit is not None or with_bias_row else 0.0)
        self._of_weights(layer, blocks, x)
        calibrates = self._calibrates(layer)
        # A calibrated range is that of the currents, whichever drive is the largest.
        unit = given if isinstance(self.model.range, CalibratedRange) else largest
        total: Tensor | None = None
        phases = _phases(operands) if self.drive.converts_phases else (operands,)
        for number, block in enumerate(blocks):
            parts = [layer.partial_sum(phase, block) for phase in phases]
            # One row for every product, whatever its shape.
            currents = [part if part.ndim == 2 else part.movedim(1, -1).flatten(0, -2) for part in parts]
            if calibrates:
                met = currents[0] if len(currents) == 1 else torch.cat(currents)
                self._calibrate(number, met.detach() / unit)
            for phase, current in enumerate(currents):
                full_scale = (self.ranges[number] * unit).to(current.device, current.dtype)
                digital = converted_straight(current, full_scale, self.bits)
                total = digital if total is None else total - digital if phase else total + digital
            shape = parts[0].shape
        if total is None:
            raise ValueError(f"layer: got {rows} word lines; allowed: one or more")
        return total if len(shape) == 2 else total.reshape(shape[0], *shape[2:], shape[1]).movedim(-1, 1)

    def snapshot(self) -> Snapshot:
        """Return the ranges, the calls since their refresh, and the largest drive seen."""
        hard = self.hard.snapshot()
        ranges = {f"range_{number}": each for number, each in enumerate(self.ranges)}
        values = {"age_of_ranges": self.age, "ranges": len(ranges), "largest_drive": self.seen}
        return Snapshot({**hard.tensors, **ranges}, {**hard.values, **values})

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the state of a snapshot."""
        self.hard.restore(snapshot)
        self.age, self.seen = snapshot.values["age_of_ranges"], snapshot.values["largest_drive"]
        self.ranges = [snapshot.tensors[f"range_{number}"] for number in range(snapshot.values["ranges"])]

    @torch.no_grad()
    def _largest(self, layer: CellLayer, x: Tensor, given: float) -> float:
        """Largest drive of the word lines: the given one, or where nothing limits them the largest seen."""
        if self.drive.limit is not None:
            return given
        if layer.training or self.seen is None:
            self.seen = max(given, float(x.abs().max()), self.seen or 0.0)
        return self.seen

    def _of_weights(self, layer: CellLayer, blocks: tuple[tuple[int, int], ...], like: Tensor) -> None:
        """Ranges that need no currents, of drives up to 1."""
        if isinstance(self.model.range, CalibratedRange) or (layer.step > 0 and self.ranges):
            return
        if isinstance(self.model.range, GivenRange):
            if not self.ranges:
                full_scale = self.model.range.full_scale / layer.levels.weights.g_reference
                given = torch.full((layer.outputs,), full_scale)
                self.ranges = [given.to(like.device)] * len(blocks)
            return
        index = self.hard.changed(layer)
        if index is not None:
            designed, both = layer.designed(index), self.drive.converts_both_signs
            self.ranges = [
                largest_current(designed[slice(*block)], drive_max=1.0, drive_signed=both) for block in blocks
            ]

    def _calibrates(self, layer: CellLayer) -> bool:
        if not isinstance(self.model.range, CalibratedRange):
            return False
        if layer.step == 0:
            self.refreshes = self._due(layer)
        return self.refreshes

    def _due(self, layer: CellLayer) -> bool:
        if self.ranges and (not layer.training or self.age < self.every):
            self.age += layer.training
            return False
        self.age = 1
        return True

    def _calibrate(self, number: int, current: Float[Tensor, "batch cols"]) -> None:
        """Take the range of one row block from these currents of drives up to 1."""
        rule = self.model.range
        percentile = rule.percentile if isinstance(rule, CalibratedRange) else None
        some = current if len(current) <= CURRENTS else current[_drawn(len(current)).to(current.device)]
        found = least_error_range(some, self.bits) if percentile is None else percentile_range(some, percentile)
        if number == len(self.ranges):
            self.ranges.append(found)
        else:
            self.ranges[number] = torch.lerp(self.ranges[number].to(found), found, MOMENTUM)


def _phases(operands: Operands) -> tuple[Operands, Operands]:
    """Split drives into the positive inputs, with the bias row, and the negative ones."""
    positive = operands.x.clamp(min=0.0)
    # Where an input is zero the first has all of the gradient.
    return replace(operands, x=positive), replace(operands, x=positive - operands.x, bias_row=None)


def _drawn(count: int) -> Int64[Tensor, " sample"]:
    """Rows of a sample, none twice. A step of the rows would meet the same places of every map, its margin perhaps."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))[:CURRENTS]


@contextmanager
def converted_currents(
    network: nn.Module, hardware: Hardware, *, every: int = EVERY
) -> Iterator[list[LayerConverters]]:
    """Convert the currents of every layer of cells as the ADCs of its tiles do, inside a `with` block.

    In both modes, as for `wired_weights`. Without a converter, or without bits, nothing happens. Drives are those of
    the network; layers of any other module are taken for a chain (`hwcore.spec.chain_drives`).

    Args:
        network: any module with layers of cells inside, in their order.
        hardware: the description that they were built from.
        every: steps from one refresh of the ranges to the next.

    Yields:
        The converters of every layer, for a training that has to go on where it was; none without bits.

    Raises:
        ValueError: fewer than one step.
    """
    if hardware.adc is None or hardware.adc.bits is None:
        yield []
        return
    layers = cell_layers(network)
    if isinstance(network, HardwareNetwork):
        drives: Iterable[Drive] = network.drives().values()
    else:
        # A range is being trained and comes with every call: here it is only whether there is one.
        largest_level = None if hardware.activation.bits is None else 1.0
        drives = chain_drives(hardware, [largest_level] * (len(layers) - 1))[: len(layers)]
    converters = [LayerConverters(hardware, drive=drive, every=every) for drive in drives]
    with entered(layer.seeing(converters=each) for layer, each in zip(layers, converters, strict=True)):
        yield converters
