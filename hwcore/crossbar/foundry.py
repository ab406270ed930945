"""Foundry of chips: what all chips share is worked out once, and what each has of its own is drawn."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from jaxtyping import Integer
from torch import Tensor

from hwcore.crossbar.calibration import calibrate, calibrated_when
from hwcore.crossbar.cell_effects import draw_cells
from hwcore.crossbar.cells import ChipCells
from hwcore.crossbar.chip import Chip, ChipLayer, ColumnCalibration
from hwcore.crossbar.chip_cache import ChipCache, OneLayer
from hwcore.crossbar.chip_streams import ChipStreams
from hwcore.crossbar.digital_side import digital_nodes, with_registers
from hwcore.crossbar.one_chip import chip_layer
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.shared import OverLayers, Shared
from hwcore.crossbar.site import Site
from hwcore.digital import DigitalNodes
from hwcore.mapping import MappedNetwork
from hwcore.spec import Adc, Condition, Effect, Hardware


class Foundry:
    """Makes chips of one network as one description has them. A chip is a number.

    Args:
        network: what is to be written.
        hardware: the description, resolved.
        seed: of the job.
        codes: DAC codes of some training images: converters and chips are calibrated on what they give, the
            compensation of drift goes by it.
        lsb: input of code 1.
        trained_through_wires: as for `Shared`.
    """

    def __init__(
        self,
        network: MappedNetwork,
        hardware: Hardware,
        *,
        seed: int,
        codes: Integer[Tensor, "images inputs"],
        lsb: float,
        trained_through_wires: bool,
    ) -> None:
        self.seed = seed
        self.shared = Shared(network, hardware, codes=codes, lsb=lsb, trained_through_wires=trained_through_wires)

    @property
    def network(self) -> MappedNetwork:
        """Written to all chips."""
        return self.shared.network

    @property
    def hardware(self) -> Hardware:
        """Description of all chips."""
        return self.shared.hardware

    def with_converters(self, adc: Adc) -> Foundry:
        """The same chips behind other converters; wires that have been solved, and drives, are not worked out again."""
        other = copy.copy(self)
        other.shared = self.shared.with_converters(adc)
        return other

    def prepare(self, effects: frozenset[Effect], over_layers: OverLayers = map) -> None:
        """Work out what chips with these effects share; arguments as for `Shared.prepare`."""
        self.shared.prepare(effects, over_layers)

    def reference(self, wired: bool) -> Chip:
        """The chip as designed, with its wires or without."""
        return self.shared.reference(wired)

    def cells(self, number: int, condition: Condition) -> ChipCells:
        """The cells of one chip, with the effects of the condition, for any time."""
        return draw_cells(self.network, self.hardware, condition, ChipStreams(self.seed, number))

    def chip(
        self,
        number: int,
        condition: Condition,
        cells: ChipCells | None = None,
        *,
        cache: ChipCache | None = None,
        alone: OneLayer | None = None,
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
        cells = self.cells(number, condition) if cells is None else cells
        cache = ChipCache() if cache is None else cache
        streams = ChipStreams(self.seed, number)
        layers = self._layers(cells, condition, streams, cache, alone)
        if self.shared.calibrates(condition.effects):
            found = self._calibrations(cells, condition, streams, cache, alone)
            layers = {name: replace(layer, calibration=found[name]) for name, layer in layers.items()}
        if "digital" in condition.effects:
            layers = self._with_registers(layers, condition, alone)
        reads = ReadDraws(streams("read")) if "read" in condition.effects else None
        return Chip(layers, reads, self._digital_nodes(layers, condition))

    def _layers(
        self, cells: ChipCells, condition: Condition, streams: ChipStreams, cache: ChipCache, alone: OneLayer | None
    ) -> Mapping[str, ChipLayer]:
        """The layers of a chip before it is calibrated."""
        own = self.network.layers if alone is None else (self.network[alone.name],)
        sites = (Site(self.shared, layer, cells[layer.name], condition, streams) for layer in own)
        built = {site.layer.name: chip_layer(site, cache) for site in sites}
        return built if alone is None else {**alone.others.layers, **built}

    def _with_registers(
        self, layers: Mapping[str, ChipLayer], condition: Condition, alone: OneLayer | None
    ) -> Mapping[str, ChipLayer]:
        """The layers of a chip with registers; one that is of another chip has some where it had some."""
        widths = self.hardware.digital
        if widths is None:
            return layers
        sums = self.shared.largest_sums("wires" in condition.effects)
        own = [
            layer
            for layer in self.network.layers
            if alone is None or layer.name == alone.name or layers[layer.name].registers is not None
        ]
        held = {layer.name: with_registers(layer, layers[layer.name], sums[layer.name], widths) for layer in own}
        return {**layers, **held}

    def _digital_nodes(self, layers: Mapping[str, ChipLayer], condition: Condition) -> DigitalNodes | None:
        """The digital nodes of a chip in whole numbers; None: they compute exactly."""
        widths = self.hardware.digital
        if widths is None or "digital" not in condition.effects:
            return None
        largest = self.shared.largest_values("wires" in condition.effects)
        return digital_nodes(self.network, layers, largest, self.shared.lsb, widths)

    def _calibrations(
        self, cells: ChipCells, condition: Condition, streams: ChipStreams, cache: ChipCache, alone: OneLayer | None
    ) -> Mapping[str, ColumnCalibration]:
        """Calibrations of every layer of a chip, as it was at the first time that all of its models hold."""
        written = calibrated_when(condition, self.hardware)
        key = (None if alone is None else alone.name, written.compensated)
        if key not in cache.calibrations:
            chip, shared = Chip(self._layers(cells, written, streams, cache, alone)), self.shared
            wanted = shared.wanted_currents()
            cache.calibrations[key] = calibrate(self.network, chip, shared.codes, shared.lsb, wanted)
        return cache.calibrations[key]
