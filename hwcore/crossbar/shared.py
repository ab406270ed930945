"""Facts that all chips of one network and one description share: each is worked out once, when it is first needed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jaxtyping import Float64, Integer
from torch import Tensor

from hwcore.crossbar.calibration import Currents, designed_currents
from hwcore.crossbar.chip import Chip, ChipArray, ChipLayer, as_designed
from hwcore.crossbar.converter_ranges import converter_ranges
from hwcore.crossbar.digital_side import largest_sum, largest_values
from hwcore.crossbar.drives import layer_drives
from hwcore.crossbar.read_noise import wire_sensitivity
from hwcore.mapping import Array, Components, MappedLayer, MappedNetwork
from hwcore.spec import Adc, Effect, Hardware
from hwcore.wires import Idle, Wires, layer_transfer

Matrix = Float64[Tensor, "_rows _cols"]
Drives = Float64[Tensor, "_products _drives"]
PerTile = Float64[Tensor, "_row_blocks _cols"]
"""A number for every column of every tile: a row for every row of tiles."""
OverLayers = Callable[[Callable[[MappedLayer], Any], Iterable[MappedLayer]], Iterable[Any]]
"""Applies a function to every layer, as `map` does; that of a pool does it on its threads."""


class Shared:
    """The chip as designed, with its wires and without, and what converters, drift and calibration take from it.

    Values are by name of the layer; where they belong to arrays, one for each array of the layer.

    Args:
        network: what is to be written.
        hardware: the description, resolved.
        codes: DAC codes of some training images: converters and chips are calibrated on what they give, the
            compensation of drift goes by it.
        lsb: input of code 1.
        trained_through_wires: chips that are calibrated are brought close to the designed one with its wires, and not
            without: that is what the network was trained for.
    """

    def __init__(
        self,
        network: MappedNetwork,
        hardware: Hardware,
        *,
        codes: Integer[Tensor, "images inputs"],
        lsb: float,
        trained_through_wires: bool,
    ) -> None:
        self.network, self.hardware, self.codes, self.lsb = network, hardware, codes, lsb
        self.trained_through_wires = trained_through_wires
        self.wires = Wires.described(hardware.array)
        self.layout = hardware.array.pair_layout or "separate"
        self._through_wires: dict[str, tuple[Matrix, ...]] | None = None
        self._sensitivity: dict[str, tuple[Components, ...]] | None = None
        self._drives: dict[bool, dict[str, Drives]] = {}
        self._ranges: dict[bool, dict[str, tuple[PerTile, ...]]] = {}
        self._sums: dict[bool, Mapping[str, float]] = {}
        self._values: dict[bool, Mapping[str, float]] = {}
        self._currents: dict[str, Currents] | None = None

    def with_converters(self, adc: Adc) -> Shared:
        """The same behind other converters; wires that have been solved, and drives, are not worked out again."""
        other = copy.copy(self)
        other.hardware = self.hardware.model_copy(update={"adc": adc})
        other._ranges = {}
        return other

    @property
    def idle(self) -> Idle:
        """Conductances of cells beside the groups of a tile, as designed: the lowest level of either component, S."""
        return self.network.g_min_pos, self.network.g_min_neg

    def prepare(self, effects: frozenset[Effect], over_layers: OverLayers = map) -> None:
        """Work out everything that chips with these effects share, so that threads that make chips do not do it twice.

        Args:
            effects: of the chips.
            over_layers: applies a function to every layer.
        """
        wired = "wires" in effects
        if wired:
            self.through_wires(over_layers)
        if "adc" in effects:
            self.ranges(wired)
        if "digital" in effects:
            self.largest_sums(wired)
            self.largest_values(wired)
        if "drift" in effects:
            self.drives(wired)
        if wired and "read" in effects:
            self.sensitivity(over_layers)
        if self.calibrates(effects):
            self.wanted_currents()

    def calibrates(self, effects: frozenset[Effect]) -> bool:
        """True where chips with these effects are calibrated: without any there is nothing to bring closer."""
        return self.hardware.calibrated and bool(effects)

    def reference(self, wired: bool) -> Chip:
        """The chip as designed, with its wires or without."""
        if not wired:
            return as_designed(self.network)
        return Chip({name: ChipLayer(tuple(map(ChipArray, each))) for name, each in self.through_wires().items()})

    def arriving(self, array: Array, g: Components) -> Matrix:
        """Difference of the transfer matrices of one array, S: what the outputs see of its cells through the wires.

        Args:
            array: where it is cut.
            g: what its cells hold, S.
        """
        seen = layer_transfer(array.on_bit_lines(g), array.grid, self.wires, self.layout, idle=self.idle)
        return array.on_bit_lines(seen).difference

    def through_wires(self, over_layers: OverLayers = map) -> Mapping[str, tuple[Matrix, ...]]:
        """Every array as designed as its outputs see it through its wires, S."""
        if self._through_wires is None:

            def solved(layer: MappedLayer) -> tuple[Matrix, ...]:
                return tuple(self.arriving(array, array.pairs.g) for array in layer.arrays)

            self._through_wires = self._by_name(over_layers(solved, self.network.layers))
        return self._through_wires

    def drives(self, wired: bool) -> Mapping[str, Drives]:
        """Drives of every layer for the calibration images, on the chip as designed, with its wires or without."""
        if wired not in self._drives:
            self._drives[wired] = layer_drives(self.network, self.reference(wired), self.codes, self.lsb)
        return self._drives[wired]

    def drive_max(self, layer: MappedLayer) -> float:
        """Largest drive of a layer: its limit, or where nothing limits it the largest of the calibration images."""
        limit = layer.drive.limit
        return float(self.drives(False)[layer.name].abs().max()) if limit is None else limit

    def largest_sums(self, wired: bool) -> Mapping[str, float]:
        """Largest sum of every layer for the calibration images, that the LSBs of accumulators go by."""
        if wired not in self._sums:
            reference, drives = self.reference(wired), self.drives(wired)
            self._sums[wired] = {
                layer.name: largest_sum(layer, reference.layers[layer.name], drives[layer.name])
                for layer in self.network.layers
            }
        return self._sums[wired]

    def largest_values(self, wired: bool) -> Mapping[str, float]:
        """Largest value at every digital node for the calibration images, that the LSBs of its numbers go by."""
        if wired not in self._values:
            self._values[wired] = largest_values(self.network, self.reference(wired), self.codes, self.lsb)
        return self._values[wired]

    def ranges(self, wired: bool) -> Mapping[str, tuple[PerTile, ...]]:
        """Ranges of the converters of every array, set once on the chip as designed.

        Raises:
            ValueError: the description has no converters.
        """
        adc = self.hardware.adc
        if adc is None:
            raise ValueError("hardware.adc: got null; allowed: converters, where their ranges are asked for")
        if wired not in self._ranges:
            reference, drives = self.reference(wired), self.drives(wired)
            self._ranges[wired] = {
                layer.name: self._layer_ranges(adc, layer, reference.layers[layer.name], drives[layer.name])
                for layer in self.network.layers
            }
        return self._ranges[wired]

    def sensitivity(self, over_layers: OverLayers = map) -> Mapping[str, tuple[Components, ...]]:
        """Sensitivity of the outputs to every cell through the wires, without unit, on the chip as designed."""
        if self._sensitivity is None:
            drives = self.drives(wired=True)

            def sensitivity(layer: MappedLayer) -> tuple[Components, ...]:
                return tuple(self._sensitivity_of(array, drives[layer.name]) for array in layer.arrays)

            self._sensitivity = self._by_name(over_layers(sensitivity, self.network.layers))
        return self._sensitivity

    def wanted_currents(self) -> Mapping[str, Currents]:
        """Currents that chips are calibrated to."""
        if self._currents is None:
            reference = self.reference(self.trained_through_wires)
            self._currents = designed_currents(self.network, reference, self.codes, self.lsb)
        return self._currents

    def _sensitivity_of(self, array: Array, drives: Drives) -> Components:
        """Sensitivity of the outputs of one array to its cells, from the voltages of its word lines."""
        g, voltages = array.on_bit_lines(array.pairs.g), array.voltages(drives)
        found = wire_sensitivity(g, voltages, array.grid, self.wires, self.layout, idle=self.idle)
        return array.on_bit_lines(found)

    def _layer_ranges(self, adc: Adc, layer: MappedLayer, designed: ChipLayer, drives: Drives) -> tuple[PerTile, ...]:
        return tuple(
            converter_ranges(adc, array, seen.g_difference, drives, layer.drive, drive_max=self.drive_max(layer))
            for array, seen in zip(layer.arrays, designed.arrays, strict=True)
        )

    def _by_name(self, values: Iterable[Any]) -> dict[str, Any]:
        return {layer.name: value for layer, value in zip(self.network.layers, values, strict=True)}
