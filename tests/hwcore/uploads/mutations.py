"""Good files of a user's own, and ways to damage them: bytes, lengths, fields of the zip, and what lies inside it."""

import gzip
import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hwcore.uploads.refusal import DAMAGE
from tests.hwcore.uploads.files import arrays, idx_members, npz_members, write_npz, write_zip

Generator = np.random.Generator

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
FIELDS = {
    LOCAL: ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    CENTRAL: ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (42, 4)),
    END: ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}
"""(place, bytes) of versions, flags, methods, checksums, sizes, lengths and places in each record of a zip."""

NUMBERS = (0, 1, 2, 7, 8, 12, 14, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
NAMES = (
    "x",
    "x.npy",
    "y",
    "full_scale",
    "full_scale.npy",
    ".npy",
    "",
    "x_train.npy\0.txt",
    "ä.npy",
    "a/b",
    "x\x1b[31m",
)


def good_files(folder: Path) -> dict[str, bytes]:
    """A file of every kind that is accepted."""
    inks = {name: array / 255 if name.startswith("x") else array for name, array in arrays().items()}
    whole = {"x": arrays()["x_train"], "y": arrays()["y_train"], "full_scale": 255}
    bare = {name.removesuffix(".npy"): content for name, content in npz_members().items()}
    paths = {
        "stored": write_npz(folder / "stored.npz", arrays() | {"full_scale": 255}),
        "packed": write_npz(folder / "packed.npz", inks | {"full_scale": 1.0}, packed=True),
        "to split": write_npz(folder / "split.npz", whole, packed=True),
        "without .npy": write_zip(folder / "bare.npz", bare),
        "idx": write_zip(folder / "idx.zip", idx_members(arrays())),
        "idx in gzip": write_zip(folder / "gzip.zip", idx_members(arrays(), packed=True), packed=False),
    }
    return {kind: path.read_bytes() for kind, path in paths.items()}


def damaged(content: bytes, draw: Generator) -> bytes:
    """The file after one to three damages."""
    for _ in range(draw.integers(1, 4)):
        content = WAYS[draw.integers(len(WAYS))](content, draw)
    return content


def _flipped(content: bytes, draw: Generator) -> bytes:
    changed = bytearray(content)
    for place in draw.integers(0, len(content), draw.integers(1, 4)) if content else ():
        changed[place] ^= 1 << int(draw.integers(8))
    return bytes(changed)


def _cut(content: bytes, draw: Generator) -> bytes:
    return content[: draw.integers(0, len(content) + 1)]


def _slice_moved(content: bytes, draw: Generator) -> bytes:
    start, end, to = sorted(draw.integers(0, len(content) + 1, 3))
    return (
        content[:start] + content[end:],
        content[:end] + draw.bytes(draw.integers(1, 30)) + content[end:],
        content[:to] + content[start:end] + content[to:],
    )[draw.integers(3)]


def _field_set(content: bytes, draw: Generator) -> bytes:
    magic = (LOCAL, CENTRAL, END)[draw.integers(3)]
    starts = [place for place in range(len(content)) if content.startswith(magic, place)]
    if not starts:
        return content
    place, size = FIELDS[magic][draw.integers(len(FIELDS[magic]))]
    at, other = draw.choice(starts, 2) + place
    number = (
        NUMBERS[draw.integers(len(NUMBERS))] % (1 << 8 * size),
        int.from_bytes(content[other : other + size], "little"),
        (int.from_bytes(content[at : at + size], "little") + int(draw.integers(-2, 3))) % (1 << 8 * size),
    )[draw.integers(3)]
    return content[:at] + number.to_bytes(size, "little") + content[at + size :]


def _members(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return [(info.filename, opened.read(info)) for info in opened.infolist()]


def _rebuilt(members: list[tuple[str, bytes]], draw: Generator) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", (0, 8)[draw.integers(2)]) as opened:
        # The same name twice is what is wanted.
        warnings.simplefilter("ignore")
        for name, member in members:
            info = zipfile.ZipInfo("-")
            info.filename, info.compress_type = name, opened.compression
            opened.writestr(info, member)
    return file.getvalue()


def _inside(content: bytes, draw: Generator) -> bytes:
    """Damage a member, and let all checksums be right."""
    members = _members(content)
    chosen = draw.integers(len(members))
    name, member = members[chosen]
    way = (_flipped, _cut, _slice_moved)[draw.integers(3)]
    packed = member.startswith(b"\x1f\x8b")
    changed = way(gzip.decompress(member) if packed else member[:128] if draw.integers(2) else member, draw)
    members[chosen] = (name, gzip.compress(changed, mtime=0) if packed else changed + member[len(changed) :])
    return _rebuilt(members, draw)


def _renamed(content: bytes, draw: Generator) -> bytes:
    members = _members(content)
    chosen = draw.integers(len(members))
    name, member = members[chosen]
    names = (*NAMES, name.removesuffix(".npy"), name + "\0.txt", name + ".npy", members[0][0])
    members[chosen] = (names[draw.integers(len(names))], member)
    if draw.integers(2):
        members.append((name, member))
    return _rebuilt(members, draw)


def _ends_early(content: bytes, draw: Generator) -> bytes:
    """A member whose stream ends, with the right checksum, before the length that the directory gives it."""
    members = _members(content)
    chosen = draw.integers(len(members))
    name, member = members[chosen]
    members[chosen] = (name, member[: draw.integers(0, len(member) + 1)])
    rebuilt = bytearray(_rebuilt(members, draw))
    starts = [place for place in range(len(rebuilt)) if rebuilt.startswith(CENTRAL, place)]
    if chosen < len(starts):
        struct.pack_into("<L", rebuilt, starts[chosen] + 24, len(member))
    return bytes(rebuilt)


def _of_whole(way: Callable[[bytes, Generator], bytes]) -> Callable[[bytes, Generator], bytes]:
    """The way where the file can still be opened; otherwise bytes are flipped."""

    def tried(content: bytes, draw: Generator) -> bytes:
        try:
            return way(content, draw)
        except (*DAMAGE, struct.error):
            return _flipped(content, draw)

    return tried


WAYS = (_flipped, _cut, _slice_moved, _field_set, _field_set, *map(_of_whole, (_inside, _renamed, _ends_early)))
