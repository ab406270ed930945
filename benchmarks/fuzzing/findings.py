"""Checks of the files that a job leaves and of the messages that it ends with."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from benchmarks.fuzzing.draws import Node
from hwcore.errors import InvalidInput

REBUILD = Path(__file__).parent.parent.parent / "examples" / "rebuild.py"
NO_NUMBER = re.compile(r"(?<![A-Za-z_])(?:[-+]?inf(?:inity)?|nan)(?![A-Za-z_])", re.IGNORECASE)


def not_finite(out: Path) -> Iterator[str]:
    """Every number in the output that is infinite or none, by its place."""
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        match path.suffix:
            case ".json":
                yield from (f"{name}{where}" for where in _in_json(json.loads(path.read_text(encoding="utf-8"))))
            case ".npz":
                with np.load(path, allow_pickle=False) as arrays:
                    yield from (f"{name}/{key}" for key in arrays.files if not np.isfinite(arrays[key]).all())
            case ".safetensors":
                yield from (f"{name}/{key}" for key, tensor in load_file(path).items() if not np.isfinite(tensor).all())
            case ".sp" | ".svg":
                found = NO_NUMBER.search(path.read_text(encoding="utf-8"))
                if found is not None:
                    yield f"{name} at character {found.start()}"


def _in_json(value: Any, where: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _in_json(each, f"{where}/{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _in_json(each, f"{where}/{number}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield where


def rebuilds(out: Path) -> list[Any]:
    """The comparisons of examples/rebuild.py, which knows nothing of mho and reads the files alone."""
    comparisons: list[Any] = _rebuild().compare(out)
    return comparisons


@cache
def _rebuild() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mho_rebuild", REBUILD)
    if spec is None or spec.loader is None:
        raise ImportError(f"got no module at {REBUILD}; allowed: the script that comes with mho")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def misnamed_fields(error: InvalidInput, document: Node) -> Iterator[str]:
    """Faults at a place that the document does not have: neither the field, nor the object that it is missing in."""
    for fault in error.faults:
        value: Any = document
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in fault.pointer.split("/")[1:]]
        for depth, token in enumerate(tokens):
            if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                value = value[int(token)]
            elif isinstance(value, dict) and token in value:
                value = value[token]
            elif isinstance(value, dict) and depth == len(tokens) - 1:
                break
            else:
                yield f"{fault.pointer!r} is no field of the job"
                break
