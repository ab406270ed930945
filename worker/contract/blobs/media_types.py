"""Media types of a job's files, by suffix."""

from __future__ import annotations

from pathlib import PurePosixPath

MEDIA_TYPES = {
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
"""Media type by suffix; any other file is `application/octet-stream`."""


def media_type_of(name: str) -> str:
    """The media type of a file with this name."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
