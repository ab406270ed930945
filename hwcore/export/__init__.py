"""Files for the next tool: weights, conductances, tiles and predictions, from which anybody can rebuild the network.

`FILES` is the table of all of them. A further one is a writer in a file of its own, and a row.
"""

from hwcore.export.file import File
from hwcore.export.files import FILES, write_files
from hwcore.export.manifest import write_manifest
from hwcore.export.netlist import netlist
from hwcore.export.results import Results

__all__ = ["FILES", "File", "Results", "netlist", "write_files", "write_manifest"]
