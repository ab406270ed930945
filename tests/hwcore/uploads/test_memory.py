"""Memory stays flat: while bombs are refused, and while large good files are judged."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.hwcore.uploads.files import npy, npy_with_header

GIB = 1 << 30

PROBE = """
import resource, sys
from pathlib import Path
from hwcore.uploads import Limits, UploadInvalid, describe
limits = Limits(unpacked_bytes=int(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    found = f"accepted {describe(Path(sys.argv[1]), limits).training_images}"
except UploadInvalid as error:
    found = f"refused {error}"
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
print(found)
"""


def judged(path: Path, unpacked_bytes: int = GIB) -> tuple[int, str]:
    """MiB that a fresh process grows by while it judges the file, and what it says of it."""
    command = [sys.executable, "-c", PROBE, str(path), str(unpacked_bytes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    grown, found = done.stdout.splitlines()
    return int(grown), found


def write_bomb(path: Path, values: int) -> Path:
    """An npz whose images are so many zero bytes, all of one class, which is found last; it packs a thousandfold."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({values // 1024}, 1024), }}\n"
    labels, few = np.zeros(values // 1024, np.int8), np.zeros((30, 1024), np.uint8)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in {"y_train": labels, "x_test": few, "y_test": labels[:30]}.items():
            archive.writestr(f"{name}.npy", npy(array))
        with archive.open("x_train.npy", "w", force_zip64=True) as member:
            member.write(npy_with_header(header))
            for _ in range(values >> 20):
                member.write(bytes(1 << 20))
    return path


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bomb(tmp_path_factory.mktemp("bomb") / "bomb.npz", GIB)


def test_a_bomb_of_a_gibibyte_in_a_mebibyte_is_refused_before_it_is_unpacked(bomb: Path) -> None:
    assert bomb.stat().st_size < 1.1 * (1 << 20)
    grown, found = judged(bomb)
    assert "bytes in all when unpacked" in found
    assert grown < 8


def test_a_bomb_within_the_limits_is_unpacked_in_pieces(bomb: Path) -> None:
    grown, found = judged(bomb, 2 * GIB)
    assert found.startswith("refused y_train: got 0 as the only label")
    assert grown < 40


def test_a_large_good_file_is_judged_in_flat_memory(tmp_path: Path) -> None:
    code = (
        "import numpy as np, sys; x = np.zeros((100_000, 28, 28), np.uint8); x[0] = 255; y = np.arange(100_000) % 10;"
        "np.savez_compressed(sys.argv[1], x_train=x, y_train=y, x_test=x[:100], y_test=y[:100])"
    )
    # In a process of its own, so that this one does not grow either.
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "own.npz")], check=True)
    grown, found = judged(tmp_path / "own.npz")
    assert found == "accepted 100000"
    assert grown < 40
