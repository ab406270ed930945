"""The state of a training at one moment: numbers and tensors that bring back exactly what was there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

_KEY = "state"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """State of an object, without code: safetensors and JSON, so that reading a foreign one runs nothing.

    Attributes:
        tensors: by name; a name of a part begins with the part's and a slash.
        values: JSON-ready; floats come back bit for bit.
    """

    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of_parts(parts: Mapping[str, Snapshot]) -> Snapshot:
        """Several snapshots in one; `part` takes them out again."""
        tensors = {f"{name}/{key}": tensor for name, part in parts.items() for key, tensor in part.tensors.items()}
        return Snapshot(tensors, {name: dict(part.values) for name, part in parts.items()})

    def part(self, name: str) -> Snapshot:
        """One of the parts; an empty one where there is none of this name."""
        start = f"{name}/"
        tensors = {key.removeprefix(start): tensor for key, tensor in self.tensors.items() if key.startswith(start)}
        return Snapshot(tensors, self.values.get(name, {}))

    def to_bytes(self) -> bytes:
        """Return the bytes that `write` puts into a file: the same state, the same bytes."""
        # safetensors wants memory of its own for every tensor, and keeps their order by name.
        tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in self.tensors.items()}
        return save(tensors, metadata={_KEY: json.dumps(self.values, sort_keys=True)})

    def write(self, path: Path) -> None:
        """Put it into a file, which is there whole or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        aside = path.with_name(path.name + ".part")
        try:
            # save_file would give it to its owner alone, whatever the umask.
            aside.write_bytes(self.to_bytes())
            os.replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)

    @staticmethod
    def read(path: Path) -> Snapshot:
        """Take it out of a file, onto the CPU.

        Raises:
            ValueError: the file is no snapshot.
            OSError: it cannot be read.
        """
        try:
            with safe_open(path, framework="pt") as file:
                values = json.loads((file.metadata() or {})[_KEY])
                return Snapshot({name: file.get_tensor(name) for name in file.keys()}, values)  # noqa: SIM118
        except (SafetensorError, KeyError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} holds no snapshot of a training: {error}") from error


@runtime_checkable
class Remembers(Protocol):
    """Object with a state that a training has to find again when it resumes."""

    def snapshot(self) -> Snapshot:
        """The state now."""

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the state of a snapshot."""
