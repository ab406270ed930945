"""From a description to chips: what all chips share is worked out once, and what each has of its own is drawn."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float64, UInt8
from torch import Tensor

from hwcore.converters import adc_full_scale, bit_planes
from hwcore.crossbar.calibration import Currents, calibrate, designed_currents
from hwcore.crossbar.cells import READING, Pair, draw_cells
from hwcore.crossbar.chip import Chip, ChipLayer, ColumnCalibration, Converters, as_designed
from hwcore.crossbar.chip_cache import Alone, ChipCache
from hwcore.crossbar.drives import layer_drives
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.read_noise import seen_through_wires
from hwcore.devices import compensation_factor, read_sigma
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.spec import Adc, Condition, Effect, Hardware, first_time
from hwcore.streams import CHIPS, stream
from hwcore.wires import Wires, layer_transfer

Matrix = Float64[Tensor, "rows cols"]
Drives = Float64[Tensor, "_products _rows"]
PerTile = Float64[Tensor, "row_blocks cols"]
"""A number for every column of every tile: a row for every row of tiles."""
Sides = tuple[Matrix, Matrix]
"""Of the positive and of the negative components."""


class Foundry:
    """Makes chips of one network as one description has them. A chip is a number.

    Args:
        network: what is to be written.
        hardware: the description, resolved.
        seed: of the job.
        codes: DAC codes of some training images: converters and chips are calibrated on what they give, drift is told
            by it.
        lsb: input of code 1.
        trained_through_wires: chips that are calibrated are brought close to the designed one with its wires, and not
            without: that is what the network was trained for.
    """

    def __init__(
        self,
        network: MappedNetwork,
        hardware: Hardware,
        *,
        seed: int,
        codes: UInt8[Tensor, "images inputs"],
        lsb: float,
        trained_through_wires: bool,
    ) -> None:
        self.network, self.hardware, self.seed = network, hardware, seed
        self.codes, self.lsb = codes, lsb
        self.trained_through_wires = trained_through_wires
        self.wires = Wires.described(hardware.array)
        self.layout = hardware.array.pair_layout or "separate"
        self._drives: dict[bool, list[Drives]] = {}
        self._full_scales: dict[bool, list[PerTile]] = {}
        self._wired: list[Tensor] | None = None
        self._shares: list[tuple[Tensor, Tensor]] | None = None
        self._currents: list[Currents] | None = None

    def with_converters(self, adc: Adc) -> Foundry:
        """The same chips behind other converters; wires that have been solved, and drives, are not worked out again."""
        other = copy.copy(self)
        other.hardware = self.hardware.model_copy(update={"adc": adc})
        other._full_scales = {}
        return other

    def cells(self, number: int, condition: Condition) -> tuple[Pair, ...]:
        """The cells of one chip, with the effects of the condition, for any time."""
        return draw_cells(self.network, self.hardware.noise, condition, seed=self.seed, number=number)

    def chip(
        self,
        number: int,
        condition: Condition,
        cells: tuple[Pair, ...] | None = None,
        *,
        cache: ChipCache | None = None,
        alone: Alone | None = None,
    ) -> Chip:
        """One chip under one condition, in float64; calibrated once after its write, where the description says so.

        Args:
            number: of the chip, from 0.
            condition: effects and time.
            cells: of this chip, from `cells`, where they are known.
            cache: of this chip; what is found there, or put there, for the next condition with the same effects.
            alone: the one layer that is of this chip, and the chip that all others are of; None: all are of this one.

        Raises:
            ValueError: a time before the first of a model, or conductances that a fitted model was not fitted on.
            ArrayTooLarge: the wires of such arrays do not fit into memory.
        """
        pairs = self.cells(number, condition) if cells is None else cells
        cache = ChipCache() if cache is None else cache
        layers = self._layers(pairs, condition, cache, alone)
        if self._calibrates(condition.effects):
            found = zip(layers, self._calibrations(pairs, condition, cache, alone), strict=True)
            layers = tuple(replace(layer, calibration=calibration) for layer, calibration in found)
        reads = ReadDraws(stream(self.seed, CHIPS, number, READING)) if "read" in condition.effects else None
        return Chip(layers, reads)

    def _layers(
        self, pairs: tuple[Pair, ...], condition: Condition, cache: ChipCache, alone: Alone | None
    ) -> tuple[ChipLayer, ...]:
        """The layers of a chip before it is calibrated."""
        if alone is None:
            return tuple(self._layer(position, pair, condition, cache) for position, pair in enumerate(pairs))
        layer = self._layer(alone.position, pairs[alone.position], condition, cache)
        return (*alone.others.layers[: alone.position], layer, *alone.others.layers[alone.position + 1 :])

    def _layer(self, position: int, pair: Pair, condition: Condition, cache: ChipCache) -> ChipLayer:
        effects, noise = condition.effects, self.hardware.noise
        drift = noise.drift if "drift" in effects else None
        now = pair[0].at(condition.seconds, drift), pair[1].at(condition.seconds, drift)
        difference = self._seen_at(position, pair, condition.seconds, condition, cache)
        factor = None
        if drift is not None and condition.compensated and drift.compensation != "none":
            first = self._seen_at(position, pair, drift.t0, condition, cache)
            factor = self._factor(position, first, difference, condition)
        converters = None
        if "adc" in effects and self.hardware.adc is not None and self.hardware.adc.bits is not None:
            converters = Converters(self.hardware.adc.bits, self._full_scale("wires" in effects)[position])
        variance = self._read_variance(position, pair, now, condition) if "read" in effects else None
        serial = self.hardware.input.bits if self.hardware.input.bit_serial and position == 0 else None
        return ChipLayer(difference, variance, converters, factor, serial)

    def _calibrations(
        self, pairs: tuple[Pair, ...], condition: Condition, cache: ChipCache, alone: Alone | None
    ) -> list[ColumnCalibration]:
        """Of every layer of a chip, from how it was at the first time that all of its models hold."""
        drift, first = self.hardware.noise.drift, first_time(self.hardware)
        drifted = "drift" in condition.effects and drift is not None and first is not None and first > drift.t0
        written = Condition(
            condition.effects - {"read"},
            condition.seconds if first is None else first,
            compensated=condition.compensated and drifted,
        )
        key = (None if alone is None else alone.position, written.compensated)
        if key not in cache.calibrations:
            chip = Chip(self._layers(pairs, written, cache, alone))
            cache.calibrations[key] = calibrate(self.network, chip, self.codes, self.lsb, self._wanted_currents())
        return cache.calibrations[key]

    def _calibrates(self, effects: frozenset[Effect]) -> bool:
        """Whether chips with these effects are calibrated: without any there is nothing to bring closer."""
        return self.hardware.calibrated and bool(effects)

    def prepare(self, effects: frozenset[Effect], over_layers: Callable[..., Iterable[Any]] = map) -> None:
        """Work out what all chips with these effects share, so that threads that make chips do not do it twice.

        Args:
            effects: of the chips.
            over_layers: applies a function to every layer, as `map` does; that of a pool does it on its threads.
        """
        wired, positions = "wires" in effects, range(len(self.network.layers))
        if wired and self._wired is None:
            self._wired = list(over_layers(self._designed_layer, positions))
        if "adc" in effects:
            self._full_scale(wired)
        if "drift" in effects:
            self._reference_drives(wired)
        if wired and "read" in effects and self._shares is None:
            self._reference_drives(wired)
            self._shares = list(over_layers(self._shares_of_layer, positions))
        if self._calibrates(effects):
            self._wanted_currents()

    def _seen_at(self, position: int, pair: Pair, seconds: float, condition: Condition, cache: ChipCache) -> Matrix:
        """What the outputs see of the cells at one time: their difference, through the wires if there are any."""
        drift = self.hardware.noise.drift if "drift" in condition.effects else None
        key = position, 0.0 if drift is None else seconds
        if key not in cache.seen:
            now = pair[0].at(seconds, drift), pair[1].at(seconds, drift)
            cache.seen[key] = self._difference(position, now, condition)
        return cache.seen[key]

    def _difference(self, position: int, now: Sides, condition: Condition) -> Matrix:
        layer = self.network.layers[position]
        if "wires" not in condition.effects:
            return now[0] - now[1]
        if now[0] is layer.g_pos and now[1] is layer.g_neg:
            return self._designed_through_wires[position]
        return self._through_wires(layer, now)

    def _through_wires(self, layer: MappedLayer, now: Sides) -> Matrix:
        m_pos, m_neg = layer_transfer(*now, layer.grid, self.wires, self.layout)
        return m_pos - m_neg

    def _designed_layer(self, position: int) -> Matrix:
        layer = self.network.layers[position]
        return self._through_wires(layer, (layer.g_pos, layer.g_neg))

    @property
    def _designed_through_wires(self) -> list[Tensor]:
        if self._wired is None:
            self._wired = [self._designed_layer(position) for position in range(len(self.network.layers))]
        return self._wired

    def _reference_drives(self, wired: bool) -> list[Drives]:
        """Drives of every layer for the calibration images, on the chip as designed, with its wires or without."""
        if wired not in self._drives:
            self._drives[wired] = layer_drives(self.network, self.reference(wired), self.codes, self.lsb)
        return self._drives[wired]

    def reference(self, wired: bool) -> Chip:
        """The chip as designed, with its wires or without."""
        if not wired:
            return as_designed(self.network)
        return Chip(tuple(ChipLayer(difference) for difference in self._designed_through_wires))

    def _wanted_currents(self) -> list[Currents]:
        """What chips are calibrated to."""
        if self._currents is None:
            reference = self.reference(self.trained_through_wires)
            self._currents = designed_currents(self.network, reference, self.codes, self.lsb)
        return self._currents

    def _full_scale(self, wired: bool) -> list[PerTile]:
        """Ranges of the converters: a row for every row of tiles, set once on the chip as designed."""
        adc = self.hardware.adc
        if adc is None:
            raise ValueError("hardware.adc: got null; allowed: converters, where their ranges are asked for")
        if wired not in self._full_scales:
            scales = []
            for position, layer in enumerate(self.network.layers):
                drives = self._converted_drives(position, wired)
                seen = self._designed_through_wires[position] if wired else layer.g_pos - layer.g_neg
                parts = []
                for start, stop in layer.grid.row_blocks:
                    parts.append(
                        adc_full_scale(
                            adc,
                            (layer.g_pos - layer.g_neg)[start:stop],
                            drive_max=self._drive_max(position),
                            drive_signed=self._drive_signed(position),
                            currents=drives[:, start:stop] @ seen[start:stop],
                        )
                    )
                scales.append(torch.stack(parts))
            self._full_scales[wired] = scales
        return self._full_scales[wired]

    def _converted_drives(self, position: int, wired: bool) -> Drives:
        """Drives whose currents the converters meet: where inputs come bit by bit, those of every bit."""
        drives = self._reference_drives(wired)[position]
        bits = self.hardware.input.bits
        if position > 0 or bits is None or not self.hardware.input.bit_serial:
            return drives
        codes = (drives * (2**bits - 1)).round().to(torch.uint8)
        return torch.cat(bit_planes(codes, bits)).to(drives.dtype)

    def _drive_max(self, position: int) -> float:
        """Largest drive of a layer's word lines; where nothing limits them, the largest of the calibration images."""
        if position == 0:
            return 1.0
        before = self.network.layers[position - 1].activation
        if before is None or before.limit is None:
            return float(self._reference_drives(False)[position].abs().max())
        return before.limit

    def _drive_signed(self, position: int) -> bool:
        before = None if position == 0 else self.network.layers[position - 1].activation
        return before is not None and before.function == "tanh"

    def _factor(self, position: int, first: Matrix, now: Matrix, condition: Condition) -> PerTile:
        """What each column of each tile is multiplied by, so that its mean response is that of the first time."""
        layer, drift = self.network.layers[position], self.hardware.noise.drift
        if drift is None:
            raise ValueError("hardware.noise.drift: got null; allowed: a drift, where it is compensated")
        drives = self._reference_drives("wires" in condition.effects)[position]
        rows = []
        for start, stop in layer.grid.row_blocks:
            before, after = (drives[:, start:stop] @ seen[start:stop] for seen in (first, now))
            tiles = [
                compensation_factor(before[:, left:right], after[:, left:right], drift.compensation)
                for left, right in layer.grid.col_blocks
            ]
            rows.append(torch.cat(tiles))
        return torch.stack(rows)

    def _read_variance(self, position: int, pair: Pair, now: Sides, condition: Condition) -> Matrix:
        """sum over both components of (a_ij sigma_ij)^2, S^2; a_ij is 1 without wires (`seen_through_wires`)."""
        model = self.hardware.noise.read
        if model is None:
            raise ValueError("hardware.noise.read: got null; allowed: a model of read noise, where reads are noisy")
        largest = self.network.g_max_pos, self.network.g_max_neg
        variance = torch.zeros_like(now[0])
        for side, (g, cells, g_max) in enumerate(zip(now, pair, largest, strict=True)):
            sigma = read_sigma(g, model, g_target=cells.target, g_max=g_max, t=condition.seconds)
            if "wires" in condition.effects:
                sigma = sigma * self._seen[position][side]
            variance += sigma.square()
        return variance

    @property
    def _seen(self) -> list[tuple[Tensor, Tensor]]:
        """Sensitivity of the outputs to every cell through the wires, on the chip as designed."""
        if self._shares is None:
            self.prepare(frozenset({"wires", "read"}))
        return self._shares or []

    def _shares_of_layer(self, position: int) -> Sides:
        layer, drives = self.network.layers[position], self._reference_drives(True)[position]
        return seen_through_wires(layer.g_pos, layer.g_neg, drives, layer.grid, self.wires, self.layout)
