"""From trained values to codes, conductances and tiles. The one transpose, (out, in) to (rows, cols), is here."""

from hwcore.mapping.mapped import MappedActivation, MappedLayer, MappedNetwork
from hwcore.mapping.place import Placement, place

__all__ = ["MappedActivation", "MappedLayer", "MappedNetwork", "Placement", "place"]
