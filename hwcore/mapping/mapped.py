"""A network on the chip: what every cell is programmed to, and the digital arithmetic around the arrays."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from hwcore.mapping.array import Array
from hwcore.mapping.digital import Digital, MappedActivation, MappedNode
from hwcore.spec import ComponentTables, Drive, Graph, LayerPlan


@dataclass(frozen=True, eq=False)
class MappedLayer:
    """z_j = scale_j sum_a s_a sum_i x_i (g_pos_aij - g_neg_aij) + bias_j.

    The sum runs over the arrays a with their significances s_a. A convolution computes every position of its kernel on
    the same arrays; their rows are in the order channel, row, column of the kernel. With groups x_i are the inputs of
    the group of column j: the matrices have the rows of one group, and the columns of all of them.

    Attributes:
        plan: name, word lines without the bias row, bit lines, and the window of a convolution.
        drive: of the word lines.
        arrays: at least one, all of the same shape; rows = word lines of the inputs, then the bias row where there is
            one.
        digital: what follows the arrays.
    """

    plan: LayerPlan
    drive: Drive
    arrays: tuple[Array, ...]
    digital: Digital

    @property
    def name(self) -> str:
        """Key of the layer: "conv1", "fc1", ..."""
        return self.plan.name

    @property
    def array(self) -> Array:
        """The only array.

        Raises:
            ValueError: the layer has several.
        """
        if len(self.arrays) != 1:
            raise ValueError(f"{self.name}: got {len(self.arrays)} arrays; allowed: one, where the only array is meant")
        return self.arrays[0]

    @property
    def rows(self) -> int:
        """Word lines of each array, the bias row included."""
        return self.arrays[0].pairs.shape[0]

    @property
    def drives(self) -> int:
        """Drives of one product: those of the word lines of all groups."""
        return self.plan.window.groups * self.rows

    @property
    def cols(self) -> int:
        """Bit lines of each array."""
        return self.arrays[0].pairs.shape[1]

    @property
    def bias_drive(self) -> float | None:
        """Drive of the bias row; None: the arrays have none."""
        return self.drive.full_scale if self.rows > self.plan.inputs * self.drive.lines else None

    @property
    def difference(self) -> Float64[Tensor, "rows cols"]:
        """sum_a s_a (g_pos_a - g_neg_a), S."""
        return self.summed(array.pairs.g.difference for array in self.arrays)

    def summed(self, values: Iterable[Float[Tensor, "*shape"]]) -> Float[Tensor, "*shape"]:
        """sum_a s_a values_a.

        Args:
            values: one for each array, of any unit.
        """
        each = zip(self.arrays, values, strict=True)
        terms = (value if array.significance == 1 else array.significance * value for array, value in each)
        return functools.reduce(torch.add, terms)


@dataclass(frozen=True, eq=False)
class MappedNetwork:
    """The graph of a network with everything that is written or set for it.

    Attributes:
        graph: without the normalisations that are folded into arrays.
        layers: of the array nodes, in the order of the graph; at least one.
        nodes: by name of the node, the numbers of activations, normalisations and recurrent states.
        g_max_pos, g_max_neg: largest conductance of either component, S.
        g_min_pos, g_min_neg: smallest, S.
    """

    graph: Graph
    layers: tuple[MappedLayer, ...]
    nodes: Mapping[str, MappedNode]
    g_max_pos: float
    g_max_neg: float
    g_min_pos: float
    g_min_neg: float

    def __getitem__(self, name: str) -> MappedLayer:
        """The layer of this name.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[name]

    @functools.cached_property
    def _by_name(self) -> Mapping[str, MappedLayer]:
        return {layer.name: layer for layer in self.layers}

    def activation_behind(self, layer: str) -> MappedActivation | None:
        """The activation that reads the sums of a layer alone, behind a pooling or not; None: there is none."""
        node = self.graph.tail(layer).activation
        found = None if node is None else self.nodes[node.name]
        return found if isinstance(found, MappedActivation) else None

    @staticmethod
    def of(
        graph: Graph, layers: Iterable[MappedLayer], nodes: Mapping[str, MappedNode], tables: ComponentTables
    ) -> MappedNetwork:
        """Layers on cells with the conductances of these tables."""
        return MappedNetwork(
            graph,
            tuple(layers),
            nodes,
            g_max_pos=float(tables.g_pos.max()),
            g_max_neg=float(tables.g_neg.max()),
            g_min_pos=float(tables.g_pos.min()),
            g_min_neg=float(tables.g_neg.min()),
        )
