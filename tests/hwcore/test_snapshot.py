"""A snapshot comes back from its file as it was, and its file is as any other."""

from pathlib import Path

import pytest
import torch

from hwcore.snapshot import Snapshot
from tests.file_modes import UMASKS, modes, umask

TAKEN = Snapshot({"moment": torch.tensor([0.1, -0.0]), "step": torch.tensor(3)}, {"rate": 0.1})


def test_it_comes_back_bit_for_bit(tmp_path: Path) -> None:
    TAKEN.write(tmp_path / "newest")
    found = Snapshot.read(tmp_path / "newest")
    assert found.values == TAKEN.values
    assert {name: tensor.numpy().tobytes() for name, tensor in found.tensors.items()} == {
        name: tensor.numpy().tobytes() for name, tensor in TAKEN.tensors.items()
    }


@pytest.mark.parametrize("mask", UMASKS)
def test_it_follows_the_umask(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        TAKEN.write(tmp_path / "newest")
    assert modes(tmp_path) == {"newest": 0o666 & ~mask}


def test_one_that_cannot_be_put_in_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "newest").mkdir()
    with pytest.raises(OSError, match="newest"):
        TAKEN.write(tmp_path / "newest")
    assert [path.name for path in tmp_path.iterdir()] == ["newest"]
