"""The members of a zip, whose directory is checked before it is read."""

import struct
import zipfile
from io import BufferedIOBase
from pathlib import Path
from types import TracebackType
from typing import Final, cast

from hwcore.uploads.limits import MOST_DIRECTORY_BYTES, Limits
from hwcore.uploads.refusal import damage_refused, refusal, shown

_END: Final = struct.Struct("<4s4H2LH")
_END_MAGIC: Final = b"PK\x05\x06"
_LOCATOR_MAGIC: Final = b"PK\x06\x07"
_LOCATOR_SIZE: Final = 20
_KINDS: Final = "an npz file, or a zip file with the four IDX files of a dataset"


class Members:
    """An open zip file; use as a context manager.

    A zip's directory may itself be a bomb of millions of entries, so the record at the end of the file is read first,
    and only a directory of at most 64 KiB after it. Names are compared with those that are known, and never used as a
    path.

    Args:
        path: the file.
        limits: the most that is accepted.

    Raises:
        UploadInvalid: no zip, too large, encrypted, packed as numpy never does, a name twice or with a NUL in it.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._file = path.open("rb")
        try:
            with damage_refused(""):
                _check_directory(self._file, limits)
                self._zip = zipfile.ZipFile(self._file)
            self._infos = _checked_infos(self._zip, limits)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Members":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._file.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in the order of the directory."""
        return tuple(self._infos)

    def size(self, name: str) -> int:
        """Bytes of a member, unpacked, as the directory says; no more of it is ever read."""
        return self._infos[name].file_size

    def open(self, name: str) -> BufferedIOBase:
        """The bytes of a member, unpacked as they are read; its checksum is compared at the end.

        Raises:
            UploadInvalid: the member is not where the directory says.
        """
        with damage_refused(name):
            return cast(BufferedIOBase, self._zip.open(self._infos[name]))


def _check_directory(file: BufferedIOBase, limits: Limits) -> None:
    size = file.seek(0, 2)
    if size > limits.file_bytes:
        raise refusal("", f"{size:,} bytes", f"at most {limits.file_bytes:,} bytes")
    if size < _END.size:
        raise refusal("", f"{size:,} bytes", _KINDS)
    file.seek(0)
    start = file.read(4)
    tail_size = min(size, _END.size + _LOCATOR_SIZE)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    magic, disk, first_disk, here, total, directory, _, comment = _END.unpack(tail[-_END.size :])
    if magic != _END_MAGIC or comment:
        beginning = (
            "a zip file that is cut off, or has a comment" if start == b"PK\x03\x04" else f"bytes 0x{start.hex()} ..."
        )
        raise refusal("", beginning, f"{_KINDS}, whole and without a comment")
    if tail[: -_END.size].startswith(_LOCATOR_MAGIC) or disk or first_disk or here != total:
        raise refusal("", "a zip file in several parts or of 4 GiB and more", "a plain zip file")
    if directory > MOST_DIRECTORY_BYTES:
        allowed = f"at most {MOST_DIRECTORY_BYTES:,}: a dataset has four arrays"
        raise refusal("", f"a zip directory of {directory:,} bytes", allowed)


def _checked_infos(opened: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    infos: dict[str, zipfile.ZipInfo] = {}
    for info in opened.infolist():
        name = info.filename
        if name != info.orig_filename:
            # zipfile ends a name at its first NUL, and some versions take a second name from an extra field.
            allowed = "a name without NUL, once"
            raise refusal(info.orig_filename, f"a member that would be read as {shown(name)}", allowed)
        if name in infos:
            raise refusal(name, "the same name twice", "each member once")
        if info.flag_bits & 1:
            raise refusal(name, "an encrypted member", "members without a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refusal(name, f"compression method {info.compress_type}", "stored or deflated members")
        infos[name] = info
    unpacked = sum(info.file_size for info in infos.values())
    if unpacked > limits.unpacked_bytes:
        largest = max(infos.values(), key=lambda info: info.file_size)
        got = f"{unpacked:,} bytes in all when unpacked, {largest.file_size:,} of them in {shown(largest.filename)}"
        raise refusal("", got, f"at most {limits.unpacked_bytes:,} bytes")
    return infos
