"""Media types of the files that a job leaves behind, by suffix: one list for the manifest and for the service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".json": "application/json",
        ".npz": "application/x-npz",
        ".safetensors": "application/vnd.safetensors",
        ".csv": "text/csv; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".svg": "image/svg+xml",
        ".hex": "text/plain; charset=utf-8",
        ".sp": "text/plain; charset=utf-8",
        ".onnx": "application/onnx",
    }
)
"""Media type by suffix."""
BYTES = "application/octet-stream"
"""Media type of a file with any other suffix."""


def media_type_of(name: str) -> str:
    """Media type of a file with this name, folders before it included or not."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix, BYTES)
