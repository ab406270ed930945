"""What Brevitas is asked to train: resnet-8, from the network in floating point, on images that move as ours do."""

import importlib.util
import itertools
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks import brevitas_rows
from benchmarks.brevitas_rows import RESIDUAL_SCRIPT, train_residual
from benchmarks.cifar import FIRST, LINEAR, course_of
from benchmarks.grid import Budget
from hwcore.layers import FloatNetwork
from hwcore.training.augmentation import augmented

TRAINING = RESIDUAL_SCRIPT.with_name("brevitas_training.py")


def loop() -> ModuleType:
    """The loop of the peer, which imports torch alone."""
    spec = importlib.util.spec_from_file_location("brevitas_training", TRAINING)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_peer_is_told_all_that_its_script_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}

    def call(_python: str, script: Path, request: dict[str, Any]) -> dict[str, Any]:
        assert script == RESIDUAL_SCRIPT
        with np.load(request["network"]) as network:
            told.update(request, shapes=[network[f"linear.{number}.weight"].shape for number in range(10)])
        return {}

    class Images:
        input_shape = (3, 32, 32)

    monkeypatch.setattr(brevitas_rows, "call_peer", call)
    monkeypatch.setattr(brevitas_rows, "_images", lambda _: {"lsb": np.array(1.0)})
    course = course_of(LINEAR, "smooth", FIRST, 5, Budget(2, 3))

    class Data:
        class plain:
            training = Images

    start = FloatNetwork(course.graph, "relu")
    train_residual(course, 6e-4, start, Data, tmp_path, "python", test=False)  # type: ignore[arg-type]
    asked = [
        re.findall(r'request\["(\w+)"\]', script.read_text(encoding="utf-8")) for script in (RESIDUAL_SCRIPT, TRAINING)
    ]
    assert {*itertools.chain(*asked)} <= set(told)
    assert (told["weight_bits"], told["activation_bits"]) == (3, 4)
    assert (told["learning_rate"], told["epochs"], told["seed"], told["test"]) == (6e-4, 3, 5, False)
    assert told["augmentation"] == {"shape": (3, 32, 32), "shift": 4, "flip": True}
    # Three kernels of a block, the last one across the sum.
    assert told["shapes"][0] == (16, 3, 3, 3)
    assert told["shapes"][-1] == (10, 64)
    # Nothing of the request is left behind.
    assert not list((tmp_path / "peers").iterdir())


@pytest.mark.parametrize("flip", [True, False])
def test_images_move_as_ours_do(flip: bool) -> None:
    image = torch.arange(1, 3 * 4 * 3 + 1).view(1, -1)
    course = course_of(LINEAR, "smooth", FIRST, 0, Budget(1, 1))
    assert course.training.augmentation is not None
    augmentation = course.training.augmentation.model_copy(update={"shift": 1, "flip": flip})
    many = image.expand(2000, -1)
    ours = augmented(many, (3, 4, 3), augmentation, torch.Generator().manual_seed(0))
    theirs = loop().moved(many, [3, 4, 3], 1, flip=flip, generator=torch.Generator().manual_seed(1))
    # Of the nine places, each mirrored or not, every one is among 2,000 draws, and no other.
    assert len(theirs.unique(dim=0)) == (18 if flip else 9)
    assert torch.equal(theirs.unique(dim=0), ours.unique(dim=0))
