"""Kinds of nodes: one file and one line for each. The line imports the kind; the table follows."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from hwcore.spec.graph.kinds.activate import Activate as Activate
from hwcore.spec.graph.kinds.add import Add as Add
from hwcore.spec.graph.kinds.concat import Concat as Concat
from hwcore.spec.graph.kinds.flatten import Flatten as Flatten
from hwcore.spec.graph.kinds.global_pool import GlobalPool as GlobalPool
from hwcore.spec.graph.kinds.hard_swish import HardSwish as HardSwish
from hwcore.spec.graph.kinds.lstm import STATE as STATE
from hwcore.spec.graph.kinds.lstm import Lstm as Lstm
from hwcore.spec.graph.kinds.normalize import Normalize as Normalize
from hwcore.spec.graph.kinds.pool import MapPool as MapPool
from hwcore.spec.graph.kinds.product import Product as Product
from hwcore.spec.graph.kinds.reshape import Reshape as Reshape
from hwcore.spec.graph.kinds.transpose import Transpose as Transpose
from hwcore.spec.graph.operation import Operation


def _kinds(base: Any) -> Iterator[type[Operation]]:
    for each in base.__subclasses__():
        if "kind" in vars(each):
            yield each
        yield from _kinds(each)


NODE_KINDS: Mapping[str, type[Operation]] = MappingProxyType({each.kind: each for each in _kinds(Operation)})
"""Kinds by their word. Their tests ask for a case of each."""
