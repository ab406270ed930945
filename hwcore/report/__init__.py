"""The report of a job: rungs of the ladder, statistics, costs and layers as types, their words, and their pictures."""

from hwcore.report.at_time import AtTime
from hwcore.report.converters import Conversions, ConverterRanges
from hwcore.report.costs import Cost, Costs, Scatter
from hwcore.report.layers import LayerAlone, LayerSummary
from hwcore.report.measure import Measure
from hwcore.report.plots import plot_ladder, plot_over_time, plot_training
from hwcore.report.reference import Reference
from hwcore.report.report import Agreement, CodeAgreement, Images, Report, Rounding
from hwcore.report.rung import ChipsRung, NetworkRung, Rung
from hwcore.report.statistics import Interval, Spread, proportion_interval
from hwcore.report.target import Target

__all__ = [
    "Agreement",
    "AtTime",
    "ChipsRung",
    "CodeAgreement",
    "Conversions",
    "ConverterRanges",
    "Cost",
    "Costs",
    "Images",
    "Interval",
    "LayerAlone",
    "LayerSummary",
    "Measure",
    "NetworkRung",
    "Reference",
    "Report",
    "Rounding",
    "Rung",
    "Scatter",
    "Spread",
    "Target",
    "plot_ladder",
    "plot_over_time",
    "plot_training",
    "proportion_interval",
]
