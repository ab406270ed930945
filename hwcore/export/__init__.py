"""Files for the next tool: weights, conductances, tiles and predictions, from which anybody can rebuild the network."""

from hwcore.export.conductances import write_conductances
from hwcore.export.manifest import write_manifest
from hwcore.export.netlist import netlist
from hwcore.export.netlists import write_netlists
from hwcore.export.predictions import write_predictions
from hwcore.export.text import write_json
from hwcore.export.tiles import write_tiles
from hwcore.export.weights import write_weights

__all__ = [
    "netlist",
    "write_conductances",
    "write_json",
    "write_manifest",
    "write_netlists",
    "write_predictions",
    "write_tiles",
    "write_weights",
]
