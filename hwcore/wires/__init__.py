"""Arrays with resistance in their lines: exact transfer matrices, their gradient, and the plain circuit beside them."""

from hwcore.spec import PairLayout
from hwcore.wires.layer import NO_IDLE, Idle, layer_transfer, require_layer_memory, require_layers_memory
from hwcore.wires.nodal import NodalSolution, nodal, nodal_gradient, nodal_transfer
from hwcore.wires.packing import of_diagonal, on_diagonal
from hwcore.wires.pairs import interleaved, pair_transfer
from hwcore.wires.power import Power, power
from hwcore.wires.transfer import transfer
from hwcore.wires.wires import Wires

__all__ = [
    "NO_IDLE",
    "Idle",
    "NodalSolution",
    "PairLayout",
    "Power",
    "Wires",
    "interleaved",
    "layer_transfer",
    "nodal",
    "nodal_gradient",
    "nodal_transfer",
    "of_diagonal",
    "on_diagonal",
    "pair_transfer",
    "power",
    "require_layer_memory",
    "require_layers_memory",
    "transfer",
]
