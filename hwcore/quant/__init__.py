"""Quantisation to any list of representable values: the hard staircase, its smooth continuation, and the schedule."""

from hwcore.quant.functions import activation_function
from hwcore.quant.hard import decision_thresholds, hard_staircase, level_index, nearest_value, thresholds
from hwcore.quant.nearest_point import may_hold_nan, nan_kept
from hwcore.quant.sampled import SampledStaircase
from hwcore.quant.sharpening import hardness_at, sharpness_at
from hwcore.quant.smooth import smooth_slope, smooth_staircase
from hwcore.quant.staircase import Method, Staircase
from hwcore.quant.straight_through import straight_through

__all__ = [
    "Method",
    "SampledStaircase",
    "Staircase",
    "activation_function",
    "decision_thresholds",
    "hard_staircase",
    "hardness_at",
    "level_index",
    "may_hold_nan",
    "nan_kept",
    "nearest_value",
    "sharpness_at",
    "smooth_slope",
    "smooth_staircase",
    "straight_through",
    "thresholds",
]
