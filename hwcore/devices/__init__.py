"""Physics of one memory cell: an effect or a kind of fit per file; published devices are documents of `hwcore.spec`."""

from hwcore.devices.compensation import compensation_factor
from hwcore.devices.draw import Chips
from hwcore.devices.drift import at_time, drift_exponents
from hwcore.devices.drift_moments import drift_moments
from hwcore.devices.programming import program, programmed_moments, programming_sigma
from hwcore.devices.read_noise import read, read_sigma
from hwcore.devices.stuck_at import stuck_at, stuck_cells

__all__ = [
    "Chips",
    "at_time",
    "compensation_factor",
    "drift_exponents",
    "drift_moments",
    "program",
    "programmed_moments",
    "programming_sigma",
    "read",
    "read_sigma",
    "stuck_at",
    "stuck_cells",
]
