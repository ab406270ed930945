"""All that another process needs to look at chips: the examination, and what is written to the arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from pydantic import TypeAdapter
from torch import Tensor

from hwcore.crossbar import BATCH, FRESH, NUMBERS
from hwcore.mapping import (
    Digital,
    MappedActivation,
    MappedLayer,
    MappedNetwork,
    MappedNode,
    MappedNormalization,
    Pairs,
    build_network,
)
from hwcore.pipeline.parts.machine import machine, versions
from hwcore.snapshot import Snapshot
from hwcore.spec import Examination, Normalize, activation_of, component_tables

FORMAT = "mho.bundle/3"
STORED = ("code_pos", "code_neg", "scale", "bias")
"""Tensors of every layer, in the order of the file."""
_EXAMINATION: Final = TypeAdapter(Examination)


@dataclass(frozen=True, eq=False)
class Bundle:
    """An examination and its mapped network: a file of a few bytes per weight, which comes back bit for bit.

    The network as mapped and not as trained: a training on another device would be mapped otherwise, in the last bit.

    Attributes:
        examination: of the chips.
        network: what is written to the chips.
        images: SHA-256 of what they are judged by (`Judge.images_sha256`); the images themselves every helper has.
    """

    examination: Examination
    network: MappedNetwork
    images: str

    def write(self, path: Path) -> None:
        """Put it into a file, which is there whole or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        self._snapshot().write(path)

    def sha256(self) -> str:
        """SHA-256 of its file: where it is the same, so is the answer of every task."""
        return hashlib.sha256(self._snapshot().to_bytes()).hexdigest()

    def _snapshot(self) -> Snapshot:
        tensors = {
            f"{layer.name}.{name}": tensor for layer in self.network.layers for name, tensor in _tensors_of(layer)
        }
        for node, numbers in self.network.nodes.items():
            tensors |= {f"{node}.{name}": tensor for name, tensor in numbers.tensors.items()}
        values = {
            "format": FORMAT,
            "examination": _EXAMINATION.dump_python(self.examination, mode="json"),
            "images": self.images,
            "computes_like": computes_like(),
        }
        return Snapshot(tensors, values)

    @staticmethod
    def read(path: Path) -> Bundle:
        """Take it out of a file.

        Raises:
            ValueError: it is none, or this machine might compute other numbers than the one that wrote it.
            OSError: it cannot be read.
        """
        snapshot = Snapshot.read(path)
        if snapshot.values.get("format") != FORMAT:
            raise ValueError(f"{path}: got the format {snapshot.values.get('format')!r}; allowed: {FORMAT!r}")
        other, here = snapshot.values["computes_like"], computes_like()
        if other != here:
            differing = ", ".join(name for name in {**here, **other} if other.get(name) != here.get(name))
            raise ValueError(f"the chips are offered by a machine with another {differing}; allowed: the same as here")
        examination = _EXAMINATION.validate_python(snapshot.values["examination"])
        return Bundle(examination, _network(examination, snapshot.tensors), snapshot.values["images"])


def computes_like() -> dict[str, Any]:
    """Facts that make the numbers of the arrays the same to the bit: as for a checkpoint, but always on the CPU."""
    # Read noise is drawn batch after batch, and from a store.
    return {**versions(), **machine(torch.device("cpu"), 0), "batches": [BATCH, NUMBERS], "fresh_reads": FRESH}


def _tensors_of(layer: MappedLayer) -> Iterator[tuple[str, Tensor]]:
    """Tensors that do not follow from the description: conductances do, from their codes."""
    pairs, digital = layer.array.pairs, layer.digital
    yield from zip(STORED, (pairs.code_pos, pairs.code_neg, digital.scale, digital.bias), strict=True)


def _network(examination: Examination, tensors: Mapping[str, Tensor]) -> MappedNetwork:
    hardware, graph = examination.hardware, examination.graph.folded()
    tables = component_tables(hardware.cell)

    def contents(layer: str) -> tuple[Pairs, Digital]:
        code_pos, code_neg, scale, bias = (tensors[f"{layer}.{name}"] for name in STORED)
        return Pairs.of(code_pos, code_neg, tables), Digital(scale, bias)

    nodes: dict[str, MappedNode] = {}
    for node in graph.nodes:
        activation = activation_of(node.operation)
        if activation is not None:
            stored = {name: tensors.get(f"{node.name}.{name}") for name in ("levels", "thresholds")}
            nodes[node.name] = MappedActivation(activation.function_on(hardware.activation.function), **stored)
        elif isinstance(node.operation, Normalize):
            nodes[node.name] = MappedNormalization(tensors[f"{node.name}.scale"], tensors[f"{node.name}.offset"])
    written = {layer.name: contents(layer.name) for layer in graph.layers}
    return build_network(graph, hardware, tables, written, nodes)
