"""Arrays at work: currents of tiles, the whole network on them, and chips drawn at random."""

from hwcore.crossbar.calibration import calibrate, designed_currents, fit_columns
from hwcore.crossbar.cells import Cells, draw_cells
from hwcore.crossbar.chip import Chip, ChipLayer, ColumnCalibration, Converters, as_designed
from hwcore.crossbar.chip_cache import Alone, ChipCache
from hwcore.crossbar.drives import layer_drives
from hwcore.crossbar.foundry import Foundry
from hwcore.crossbar.ideal import differential_current
from hwcore.crossbar.images_that_fit import NUMBERS, images_that_fit
from hwcore.crossbar.network import BATCH, array_logits, classify, simulate
from hwcore.crossbar.predicted_class import predicted_class
from hwcore.crossbar.read_draws import FRESH, ReadDraws
from hwcore.crossbar.read_noise import read_current_sigma, seen_through_wires
from hwcore.crossbar.tile_currents import layer_current, serial_current

__all__ = [
    "BATCH",
    "FRESH",
    "NUMBERS",
    "Alone",
    "Cells",
    "Chip",
    "ChipCache",
    "ChipLayer",
    "ColumnCalibration",
    "Converters",
    "Foundry",
    "ReadDraws",
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
    "seen_through_wires",
    "serial_current",
    "simulate",
]
