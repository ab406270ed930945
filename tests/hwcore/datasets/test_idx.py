"""The IDX reader: what it reads, and that it refuses everything else before it believes a size."""

import gzip
import os
import struct
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.datasets import read_idx
from hwcore.errors import DatasetInvalid
from tests.hwcore.datasets.sample_files import idx_bytes

MEBIBYTE = 1 << 20
IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


def refusal(path: Path, dimensions: int | None = None) -> str:
    with pytest.raises(DatasetInvalid) as caught:
        read_idx(path, dimensions=dimensions)
    message = str(caught.value)
    assert message.startswith(f"{path}: got ")
    assert "; expected " in message
    return message


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [(7,), (3, 5), (4, 28, 28), (2, 3, 4, 5)])
@pytest.mark.parametrize("packed", [False, True])
def test_reads_what_was_written(tmp_path: Path, shape: tuple[int, ...], packed: bool) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    content = idx_bytes(array)
    # The name says the opposite of the content: only the content counts.
    path = tmp_path / ("plain" if packed else "named.gz")
    path.write_bytes(gzip.compress(content) if packed else content)
    read = read_idx(path, dimensions=len(shape))
    np.testing.assert_array_equal(read, array)
    assert read.dtype == np.uint8
    assert read.flags.writeable


@given(cut=st.integers(0, 75), packed=st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_truncation_is_refused(cut: int, packed: bool) -> None:
    content = idx_bytes(IMAGES)
    content = gzip.compress(content, mtime=0) if packed else content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content[: min(cut, len(content) - 1)])
        refusal(path)


@given(position=st.integers(0, 10_000), value=st.integers(0, 255), packed=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_changed_byte_gives_an_array_or_a_refusal(position: int, value: int, packed: bool) -> None:
    content = idx_bytes(IMAGES)
    changed = bytearray(gzip.compress(content, mtime=0) if packed else content)
    changed[position % len(changed)] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(changed)
        try:
            size = read_idx(path).size
        except DatasetInvalid:
            return
        assert size == IMAGES.size


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "an empty file"),
        (b"\x00\x00", "magic number 0x0000"),
        (b"<html>no such file</html>", "magic number 0x3c68746d"),
        (idx_bytes(IMAGES)[::-1], "magic number"),
        (struct.pack(">BBBBI", 0, 0, 13, 1, 4) + bytes(16), "magic number 0x00000d01"),
        (struct.pack(">BBBB", 0, 0, 8, 0), "magic number 0x00000800"),
        (struct.pack(">BBBB", 0, 0, 8, 255), "magic number 0x000008ff"),
        (idx_bytes(IMAGES)[:10], "a file that ends within its header"),
        (idx_bytes(IMAGES)[:-1], "59 bytes after the header; expected the 60 bytes of 3 x 4 x 5"),
        (idx_bytes(IMAGES) + b"\x00", "61 bytes after the header; expected the 60 bytes of 3 x 4 x 5"),
        (idx_bytes(IMAGES[:0]), "sizes 0 x 4 x 5"),
        (gzip.compress(idx_bytes(IMAGES))[:-9], "a broken gzip file"),
        (gzip.compress(idx_bytes(IMAGES)) + b"more", "a broken gzip file"),
        (gzip.compress(idx_bytes(IMAGES)[:-1]), "59 bytes after the header; expected the 60 bytes of 3 x 4 x 5"),
        (gzip.compress(idx_bytes(IMAGES) + b"\x00"), "more bytes than the header says"),
        (gzip.compress(b""), "an empty file"),
        (b"\x1f\x8b", "a broken gzip file"),
    ],
    ids=[
        "empty",
        "two bytes",
        "html",
        "reversed",
        "floats",
        "no dimensions",
        "255 dimensions",
        "short header",
        "short",
        "long",
        "no images",
        "short gzip",
        "gzip and more",
        "short in gzip",
        "long in gzip",
        "empty in gzip",
        "start of gzip",
    ],
)
def test_refuses_what_is_not_a_whole_idx_file(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert expected in refusal(path)


def test_refuses_a_changed_byte_by_its_checksum(tmp_path: Path) -> None:
    # Stored, not deflated, so that the changed byte is a pixel and nothing else.
    packed = bytearray(gzip.compress(idx_bytes(IMAGES), compresslevel=0))
    packed[-20] ^= 1
    path = tmp_path / "images.gz"
    path.write_bytes(packed)
    assert "CRC" in refusal(path)


def test_names_images_in_place_of_labels_and_the_reverse(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(idx_bytes(IMAGES))
    assert "0x00000803 (images, three dimensions); expected 0x00000801 (labels, one dimension)" in refusal(path, 1)
    path.write_bytes(idx_bytes(np.arange(5)))
    assert "0x00000801 (labels, one dimension); expected 0x00000803 (images, three dimensions)" in refusal(path, 3)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("sizes", [(10**9, 10**9), (1, 2**32 - 1, 2**32 - 1), (10**6, 28, 28), (100, 1000)])
def test_refuses_absurd_sizes_before_allocating(tmp_path: Path, sizes: tuple[int, ...], packed: bool) -> None:
    content = struct.pack(f">BBBB{len(sizes)}I", 0, 0, 8, len(sizes), *sizes) + bytes(20)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content) if packed else content)
    with memory_below(MEBIBYTE):
        assert " x ".join(f"{size:,}" for size in sizes) in refusal(path)


def test_unpacks_no_more_of_a_bomb_than_its_header_promises(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(idx_bytes(IMAGES))
        for _ in range(256):
            stream.write(bytes(MEBIBYTE))
    assert path.stat().st_size < MEBIBYTE
    with memory_below(2 * MEBIBYTE):
        assert "more bytes than the header says" in refusal(path)


def test_refuses_what_is_not_a_regular_file(tmp_path: Path) -> None:
    assert "a folder" in refusal(tmp_path)
    assert "No such file" in refusal(tmp_path / "absent")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "not a regular file" in refusal(pipe)


def test_refuses_a_file_that_may_not_be_read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images"
        path.write_bytes(idx_bytes(IMAGES))
        path.parent.chmod(0o755)
        path.chmod(0o000)
        user = os.geteuid()
        if user == 0:  # root may read everything: be somebody else for a moment
            os.seteuid(65534)
        try:
            assert "Permission denied; expected a file that this user can read" in refusal(path)
        finally:
            os.seteuid(user)
