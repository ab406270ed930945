"""Trained values as codes, conductances and tiles. The one transpose, (out, in) to (rows, cols), is here."""

from hwcore.mapping.array import Array
from hwcore.mapping.build import build_network
from hwcore.mapping.digital import Digital, MappedActivation, MappedNode, MappedNormalization
from hwcore.mapping.line_pairs import drives_of_pairs, inputs_of_lines, line_pairs, second_lines
from hwcore.mapping.mapped import MappedLayer, MappedNetwork
from hwcore.mapping.pairs import Components, Pairs
from hwcore.mapping.place import place

__all__ = [
    "Array",
    "Components",
    "Digital",
    "MappedActivation",
    "MappedLayer",
    "MappedNetwork",
    "MappedNode",
    "MappedNormalization",
    "Pairs",
    "build_network",
    "drives_of_pairs",
    "inputs_of_lines",
    "line_pairs",
    "place",
    "second_lines",
]
