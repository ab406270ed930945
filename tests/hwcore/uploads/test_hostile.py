"""Hostile and mistaken files: each is refused with its member, what came and what is allowed, and nothing is run."""

import gzip
import io
import pickle
import struct
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcore.errors import Fault
from hwcore.uploads import Limits, UploadInvalid, describe, read
from tests.hwcore.uploads.files import arrays, idx_members, npy, npy_with_header, npz_members, write_npz, write_zip
from tests.hwcore.uploads.mutations import damaged, good_files

Writer = Callable[[Path], Any]


class Trap:
    """A pickle that would leave a trace."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return pytest.fail, ("a pickle was read",)


def changed(**changes: Any) -> Writer:
    return lambda path: write_npz(path, arrays() | changes)


def members(**changes: bytes) -> Writer:
    return lambda path: write_zip(path, npz_members(**changes))


def idx_changed(name: str, content: bytes) -> Writer:
    return lambda path: write_zip(path, idx_members(arrays()) | {name: content})


def header(shape: str = "(40, 4, 4)", descr: str = "'|u1'", order: str = "False", values: int = 640) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"
    return npy_with_header(text, bytes(values))


def without(name: str) -> Writer:
    return lambda path: write_npz(path, {key: value for key, value in arrays().items() if key != name})


def cut(path: Path) -> None:
    content = write_npz(path, arrays(), packed=True).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flipped(path: Path) -> None:
    content = bytearray(write_npz(path, arrays()).read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(content)


def twice(path: Path) -> None:
    entries = list(npz_members().items())
    with pytest.warns(UserWarning, match="Duplicate name"):
        write_zip(path, [*entries, entries[0]])


def encrypted(path: Path) -> None:
    content = bytearray(write_npz(path, arrays()).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


def squeezed(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in npz_members().items():
            archive.writestr(name, content)


def commented(path: Path) -> None:
    write_npz(path, arrays())
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"hello"


def crowded(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2000):
            archive.writestr(f"{number}.npy", b"")


def ends_early(path: Path) -> None:
    content = npy(np.float64(255))
    packed = write_zip(path, npz_members() | {"full_scale.npy": content[:-8]}).read_bytes()
    end = packed.rindex(b"PK\x01\x02")
    # The stream ends with a checksum that is right, before the length that the directory gives it.
    path.write_bytes(packed[: end + 24] + struct.pack("<L", len(content)) + packed[end + 28 :])


def with_nul(path: Path, members: list[tuple[str, bytes]]) -> None:
    """Write a zip, and put a NUL in place of every underscore after `.npy` in a name: zipfile would write none."""
    path.write_bytes(write_zip(path, members).read_bytes().replace(b".npy_", b".npy\0"))


def in_parts(path: Path) -> None:
    content = write_npz(path, arrays()).read_bytes()
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    path.write_bytes(content[:-22] + locator + content[-22:])


NAN = np.where(np.arange(640).reshape(40, 4, 4) == 100, np.nan, 0.5)

HOSTILE: dict[str, tuple[Writer, str]] = {
    "no zip": (lambda path: path.write_bytes(b"\x80\x04" * 200), "the file: got bytes 0x80048004 ...; allowed: an npz"),
    "empty": (lambda path: path.write_bytes(b""), "the file: got 0 bytes; allowed: an npz file, or a zip"),
    "a bare npy": (lambda path: path.write_bytes(npy(np.zeros(9))), "the file: got bytes 0x934e554d ...; allowed: an"),
    "cut off": (cut, "the file: got a zip file that is cut off"),
    "a flipped bit": (flipped, r"x_train: got damaged bytes \(.*CRC"),
    "a comment": (commented, "has a comment; allowed: an npz file"),
    "many members": (crowded, "got a zip directory of .* bytes; allowed: at most 65,536"),
    "a second directory": (in_parts, "in several parts or of 4 GiB and more"),
    "a name twice": (twice, r"x_train.npy: got the same name twice; allowed: each member once"),
    "an array twice": (
        lambda path: write_zip(path, npz_members() | {"x_test": npy(arrays()["x_test"])}),
        "x_test: got the same array twice, with and without .npy; allowed: each array once",
    ),
    "a name with a NUL": (
        lambda path: with_nul(
            path, [(name.replace("x_test.npy", "x_test.npy_.txt"), each) for name, each in npz_members().items()]
        ),
        r"x_test.npy\\x00.txt: got a member that would be read as 'x_test.npy'; allowed: a name without NUL, once",
    ),
    "a hidden member": (
        lambda path: with_nul(path, [*npz_members().items(), ("x_test.npy_.txt", b"")]),
        r"x_test.npy\\x00.txt: got a member that would be read as 'x_test.npy'",
    ),
    "a scale that ends early": (ends_early, "full_scale: got fewer bytes than its header says; allowed: 8 bytes"),
    "encrypted": (encrypted, "x_train.npy: got an encrypted member; allowed: members without a password"),
    "lzma": (squeezed, "x_train.npy: got compression method 14; allowed: stored or deflated"),
    "names that leave the folder": (
        lambda path: write_zip(path, npz_members() | {"../../etc/cron.d/x.npy": b""}),
        r"../../etc/cron.d/x: got an array of this name; allowed: x_train, y_train",
    ),
    "an unknown array": (changed(z=np.zeros(3)), "z: got an array of this name; allowed: x_train, y_train"),
    "a missing array": (without("y_test"), "the file: got the arrays x_test, x_train, y_train; allowed: x_train, y_tr"),
    "a pickle": (
        members(x_train=npy(np.array([Trap()], dtype=object))),
        r"x_train: got values of type '\|O'; allowed: plain whole or floating-point numbers; no objects \(pickles\)",
    ),
    "a bare pickle": (members(x_train=pickle.dumps(Trap())), "x_train: got bytes 0x8004.*; allowed: an array as numpy"),
    "records": (members(x_train=header(descr="[('a', '|u1')]")), "x_train: got values with named fields"),
    "text": (changed(y_train=np.full(40, "cat")), "y_train: got values of type '<U3'; allowed: plain whole"),
    "complex": (changed(x_train=np.zeros((40, 4, 4), complex)), "x_train: got values of type '<c16'"),
    "64 GiB promised": (
        members(x_train=header(shape="(64, 1073741824)")),
        "x_train: got a header that promises 68,719,476,736 bytes, and 640 bytes of values; allowed: as many",
    ),
    "10^400 promised": (
        members(x_train=header(shape=f"({10**400}, 4)")),
        r"x_train: got a header that promises about 2\^1330 bytes",
    ),
    "a negative length": (
        members(x_train=header(shape="(-40, 4)")),
        "x_train: got the npy header .*; allowed: descr",
    ),
    "a true length": (members(x_train=header(shape="(True, 4)")), "x_train: got the npy header"),
    "code in the header": (members(x_train=header(shape="__import__('os').abort()")), "x_train: got the npy header"),
    "a deep header": (members(x_train=npy_with_header("(" * 4000)), "x_train: got the npy header"),
    "a long header": (members(x_train=npy_with_header(" " * 60_000)), "x_train: got an npy header of 60,000 bytes"),
    "too few values": (members(x_train=header(values=600)), "promises 640 bytes, and 600 bytes of values"),
    "too many values": (members(x_train=header(values=700)), "promises 640 bytes, and 700 bytes of values"),
    "by columns": (changed(x_train=np.asfortranarray(arrays()["x_train"])), "x_train: got an array stored by columns"),
    "five dimensions": (changed(x_train=np.zeros((40, 1, 1, 4, 4), np.uint8)), "x_train: got 5 dimensions; allowed"),
    "three channels": (changed(x_train=np.zeros((40, 4, 4, 3), np.uint8)), r"x_train: got shape \(40, 4, 4, 3\); all"),
    "no images": (changed(x_train=np.zeros((0, 4, 4), np.uint8)), r"x_train: got shape \(0, 4, 4\); allowed: 1 to 10"),
    "no pixels": (changed(x_train=np.zeros((40, 0), np.uint8)), r"x_train: got shape \(40, 0\); allowed: 1 to 65,536"),
    "large images": (changed(x_train=np.zeros((40, 70_000), np.uint8)), "x_train: got shape .* allowed: 1 to 65,536"),
    "wide integers": (changed(x_train=np.zeros((40, 4, 4), int)), "x_train: got values of type int64; allowed: uint8"),
    "not a number": (
        changed(x_train=NAN, x_test=np.zeros((10, 4, 4))),
        r"x_train: got nan at \[6, 1, 0\]; allowed: finite numbers from 0 to 1",
    ),
    "infinite": (
        changed(x_train=np.full((40, 4, 4), np.inf, np.float32), x_test=np.zeros((10, 4, 4), np.float32)),
        r"x_train: got inf at \[0, 0, 0\]; allowed: finite",
    ),
    "above the scale": (changed(full_scale=16), r"x_train: got \d+ at .*; allowed: finite numbers from 0 to 16"),
    "a broken scale": (changed(full_scale=float("nan")), "full_scale: got nan; allowed: a number from 1e-30 to 1e"),
    "half a scale": (changed(full_scale=2.5), "full_scale: got 2.5; allowed: a whole number from 1 to 255"),
    "two scales": (changed(full_scale=np.ones(2)), r"full_scale: got an array of shape \(2,\); allowed: one number"),
    "test of other size": (changed(x_test=np.zeros((10, 5, 5), np.uint8)), "x_test: got images of 5 x 5; allowed: 4 x"),
    "test of other type": (changed(x_test=np.zeros((10, 4, 4))), "x_test: got float64; allowed: uint8, as to train on"),
    "lengths apart": (changed(y_train=np.zeros(39, int)), "y_train: got 39 labels; allowed: 40, one for each image of"),
    "labels as columns": (changed(y_train=np.zeros((40, 1), int)), "y_train: got 2 dimensions; allowed: one dimension"),
    "fractional labels": (
        changed(y_train=np.zeros(40)),
        "y_test: got classes; allowed: 1 numbers for each image, as to train on",
    ),
    "true labels": (changed(y_train=np.ones(40, bool)), "y_train: got values of type bool; allowed: whole numbers"),
    "true images": (changed(x_train=np.ones((40, 4, 4), bool)), "x_train: got values of type bool; allowed: uint8"),
    "numbers of other lengths": (
        changed(y_train=np.zeros((40, 2)), y_test=np.zeros((10, 3))),
        "y_test: got 3 numbers for each image; allowed: 2 numbers for each image, as to train on",
    ),
    "infinite numbers": (
        changed(y_train=np.full((40, 2), 1e39), y_test=np.zeros((10, 2))),
        r"y_train: got 1e\+39 at position 0; allowed: finite numbers up to 3.4e\+38",
    ),
    "targets of three dimensions": (
        changed(y_train=np.zeros((40, 2, 2)), y_test=np.zeros((10, 2, 2))),
        r"y_train: got floating point of 3 dimensions; allowed: \(n,\) or \(n, outputs\)",
    ),
    "no numbers": (changed(y_train=np.zeros((40, 0)), y_test=np.zeros((10, 0))), "y_train: got floating point of 2 d"),
    "half a sign": (changed(signed=0.5), "signed: got 0.5; allowed: 0, or 1 for values of both signs"),
    "a sign of bytes": (changed(signed=1), "signed: got 1; allowed: 0, or nothing, where the images are uint8"),
    "an axis in the middle": (
        changed(x_train=np.zeros((40, 4, 3, 4), np.uint8), channel_axis=2),
        r"channel_axis: got 2 for x_train of shape \(40, 4, 3, 4\); allowed: 1 or the last axis",
    ),
    "an axis of vectors": (
        changed(x_train=np.zeros((40, 4), np.uint8), channel_axis=1),
        r"channel_axis: got 1 for x_train of shape \(40, 4\); allowed: 1 or the last axis",
    ),
    "the axis of examples": (changed(channel_axis=0), r"channel_axis: got 0; allowed: 1, or the last axis \(-1\)"),
    "below zero without a sign": (
        changed(x_train=np.full((40, 4, 4), -0.5), x_test=np.zeros((10, 4, 4))),
        "x_train: got -0.5 at .*; allowed: finite numbers from 0 to 1 .*signed to 1 for values of both signs",
    ),
    "below the scale": (
        changed(x_train=np.full((40, 4, 4), -101, np.int8), x_test=np.zeros((10, 4, 4), np.int8), full_scale=100),
        "x_train: got -101 at .*; allowed: finite numbers from -100 to 100",
    ),
    "a scale that no type has": (
        changed(x_train=np.zeros((40, 4, 4), np.int8), x_test=np.zeros((10, 4, 4), np.int8), full_scale=200),
        "full_scale: got 200; allowed: a whole number from 1 to 128 where the images are int8",
    ),
    "10^9 classes": (
        changed(y_train=np.full(40, 10**9 - 1)),
        "y_train: got label 999999999 at position 0; allowed: whole numbers from 0 to 999",
    ),
    "2^64 classes": (changed(y_test=np.full(10, 2**64 - 1, np.uint64)), "y_test: got label 18446744073709551615 at"),
    "labels below zero": (changed(y_train=np.arange(40) - 7), "y_train: got label -7 at position 0; allowed"),
    "one class": (
        changed(y_train=np.zeros(40, int), y_test=np.zeros(10, int)),
        "y_train: got 0 as the only label; allowed: at least 2 classes",
    ),
    "few images": (lambda path: write_npz(path, arrays(train=19)), "y_train: got 19 images to train on; allowed: at l"),
    "nothing to test on": (
        lambda path: write_npz(path, {"x": np.zeros((40, 3), np.uint8), "y": np.arange(40)}),
        "y: got no class of which a fifth is an image to test on; allowed: 3 images of some class, or x_test",
    ),
    "idx: a file is missing": (
        lambda path: write_zip(path, {"train-images-idx3-ubyte": b""}),
        "the file: got no train-labels-idx1-ubyte, no t10k-images-idx3-ubyte, no t10k-labels-idx1-ubyte; allowed: tr",
    ),
    "idx: in a folder": (
        lambda path: write_zip(path, {f"mnist/{name}": content for name, content in idx_members(arrays()).items()}),
        r"mnist/train-images-idx3-ubyte: got a member of this name; allowed: .*in no folder \(zip -j\)",
    ),
    "idx: both forms": (idx_changed("t10k-labels-idx1-ubyte.gz", b""), "got the same file twice, with and without"),
    "idx: magic": (
        idx_changed("train-images-idx3-ubyte", b"\0\0\x08\x01" + bytes(20)),
        "train-images-idx3-ubyte: got bytes 0x00000801; allowed: IDX of unsigned bytes, 0x00000803",
    ),
    "idx: promises": (
        idx_changed("train-images-idx3-ubyte", b"\0\0\x08\x03" + b"\xff" * 12 + bytes(20)),
        "train-images-idx3-ubyte: got a header that promises 79,228,162,458,924,105,385,300,197,375 bytes, and 20",
    ),
    "idx: cut off": (idx_changed("train-images-idx3-ubyte", b"\0\0\x08\x03\0\0"), "got bytes 0x00000803; allowed: IDX"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_hostile_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    write, message = HOSTILE[name]
    write(tmp_path / "own.npz")
    for judge in (describe, read):
        with pytest.raises(UploadInvalid, match=message) as raised:
            judge(tmp_path / "own.npz")
        assert len(str(raised.value)) < 600
        assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 40, 4, 4) + bytes(639)), "fewer bytes than its header"),
        (gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 40, 4, 4) + bytes(641)), "more bytes than its header"),
        (gzip.compress(b"\0\0\x08\x03" + b"\xff" * 12), "promises 79,228,.* bytes; allowed: at most .* in this file"),
        (gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 40, 4, 4) + bytes(640))[:-12], "got damaged bytes"),
        (b"\x1f\x8b\x08\xff" + bytes(40), "got damaged bytes|fewer bytes|got bytes 0x"),
    ],
    ids=["short", "long", "promises", "cut off", "no gzip"],
)
def test_gzip_inside_is_judged_as_well(tmp_path: Path, content: bytes, message: str) -> None:
    files = idx_members(arrays(), packed=True) | {"train-images-idx3-ubyte.gz": content}
    with pytest.raises(UploadInvalid, match=f"train-images-idx3-ubyte.gz: got .*({message})|{message}"):
        describe(write_zip(tmp_path / "own.zip", files))


def test_the_limits_are_those_that_were_given(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "own.npz", arrays())
    size = path.stat().st_size
    for limits, message in (
        (Limits(file_bytes=size - 1), f"the file: got {size:,} bytes; allowed: at most {size - 1:,} bytes"),
        (Limits(unpacked_bytes=1000), "the file: got .* bytes in all when unpacked, 768 of them in 'x_train.npy'"),
        (Limits(examples=39), r"x_train: got shape \(40, 4, 4\); allowed: 1 to 39 examples"),
        (Limits(pixels=15), r"x_train: got shape \(40, 4, 4\); allowed: 1 to 15 pixels an image"),
        (Limits(classes=3), "y_train: got label 3 at position 3; allowed: whole numbers from 0 to 2"),
    ):
        with pytest.raises(UploadInvalid, match=message):
            describe(path, limits)
    assert describe(path, Limits(file_bytes=size)).classes == 4


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    content = write_npz(tmp_path / "whole.npz", arrays(), packed=True).read_bytes()
    for length in range(0, len(content), 97):
        path = tmp_path / "cut.npz"
        path.write_bytes(content[:length])
        with pytest.raises(UploadInvalid):
            describe(path)


def test_random_damage_is_refused_or_harmless(tmp_path: Path) -> None:
    content = write_npz(tmp_path / "whole.npz", arrays(), packed=True).read_bytes()
    whole = describe(tmp_path / "whole.npz")
    generator = np.random.default_rng(11)
    path = tmp_path / "damaged.npz"
    for _ in range(300):
        damaged = bytearray(content)
        for place in generator.integers(0, len(content), 3):
            damaged[place] ^= int(generator.integers(1, 256))
        path.write_bytes(damaged)
        try:
            found = describe(path)
        except UploadInvalid:
            continue
        # Damage to what nobody reads, such as the time of a member.
        assert found == whole


def test_whatever_is_damaged_is_refused_or_read_twice_alike(tmp_path: Path) -> None:
    path, draw = tmp_path / "own", np.random.default_rng(18)
    good = good_files(tmp_path)
    for content in good.values():
        path.write_bytes(content)
        assert describe(path) == read(path).description
    outcomes = Counter[str]()
    for content in 20 * list(good.values()):
        path.write_bytes(damaged(content, draw))
        told = []
        for judge in (describe, lambda whole: read(whole).description):
            try:
                told.append(judge(path))
            except UploadInvalid as error:
                told.append(error.fault)
        assert told[0] == told[1]
        outcomes["refused" if isinstance(told[0], Fault) else "read"] += 1
        if isinstance(told[0], Fault):
            assert str(UploadInvalid(told[0])).isprintable()
    # Some damage is to what nobody reads, or to values that are as good as others.
    assert outcomes["refused"] > 60
    assert outcomes["read"] > 8


def test_a_refusal_survives_the_way_between_processes() -> None:
    with pytest.raises(UploadInvalid) as raised:
        describe(Path("/dev/null"))
    copy = pickle.load(io.BytesIO(pickle.dumps(raised.value)))
    assert (str(copy), copy.fault) == (str(raised.value), raised.value.fault)
