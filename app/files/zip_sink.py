"""A zip that is sent while it is made, so that memory stays flat."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

from app.files.stored_file import StoredFile

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time stamp inside a zip: the same bytes every time."""
SQUEEZED = ("text/", "application/json", "image/svg+xml")
"""Beginnings of media types that are worth compressing: the others are compressed already."""


class ZipSink(io.RawIOBase):
    """A file that can only be written and drained."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: object) -> int:
        """Keep the bytes until they are taken."""
        block = bytes(data)  # type: ignore[call-overload]
        self._pending += block
        return len(block)

    def take(self) -> bytes:
        """Return the bytes that were written since the last call."""
        pending = bytes(self._pending)
        self._pending.clear()
        return pending


def zip_chunks(files: Iterable[StoredFile]) -> Iterator[bytes]:
    """The files of a job as one zip, in the order given, under their own names, folders included.

    Raises:
        BlobLost: a file is damaged; the zip then has no directory, so no reader takes it for whole.
    """
    sink = ZipSink()
    with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:
        for file in files:
            artifact = file.artifact
            entry = zipfile.ZipInfo(artifact.name, EPOCH)
            entry.external_attr = 0o644 << 16
            if artifact.media_type.startswith(SQUEEZED):
                entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as target:
                for block in file.read_again():
                    target.write(block)
                    yield sink.take()
    yield sink.take()
