"""Arrays at work: currents of tiles, the whole network on them, and chips drawn at random."""

from hwcore.crossbar.calibration import calibrate, designed_currents, fit_columns
from hwcore.crossbar.cell_effects import CELL_EFFECTS, draw_cells
from hwcore.crossbar.cells import CellPairs, Cells
from hwcore.crossbar.chip import Chip, ChipArray, ChipLayer, ColumnCalibration, Converters, as_designed
from hwcore.crossbar.chip_cache import ChipCache, OneLayer
from hwcore.crossbar.chip_streams import ChipStreams
from hwcore.crossbar.drives import layer_drives
from hwcore.crossbar.foundry import Foundry
from hwcore.crossbar.ideal import differential_current
from hwcore.crossbar.images_that_fit import NUMBERS, images_that_fit
from hwcore.crossbar.layer_current import layer_current
from hwcore.crossbar.network import BATCH, array_logits, classify, simulate
from hwcore.crossbar.predicted_class import predicted_class
from hwcore.crossbar.product_effects import PRODUCT_EFFECTS
from hwcore.crossbar.read_draws import FRESH, ReadDraws
from hwcore.crossbar.read_noise import read_current_sigma, wire_sensitivity
from hwcore.crossbar.tile_currents import array_current
from hwcore.crossbar.walk import walk
from hwcore.crossbar.whole_walk import whole_walk

__all__ = [
    "BATCH",
    "CELL_EFFECTS",
    "FRESH",
    "NUMBERS",
    "PRODUCT_EFFECTS",
    "CellPairs",
    "Cells",
    "Chip",
    "ChipArray",
    "ChipCache",
    "ChipLayer",
    "ChipStreams",
    "ColumnCalibration",
    "Converters",
    "Foundry",
    "OneLayer",
    "ReadDraws",
    "array_current",
    "array_logits",
    "as_designed",
    "calibrate",
    "classify",
    "designed_currents",
    "differential_current",
    "draw_cells",
    "fit_columns",
    "images_that_fit",
    "layer_current",
    "layer_drives",
    "predicted_class",
    "read_current_sigma",
    "simulate",
    "walk",
    "whole_walk",
    "wire_sensitivity",
]
