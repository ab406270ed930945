"""Hands a training to Brevitas in an interpreter of its own, and reads what it reached."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.cases import Case
from benchmarks.experiments import BREVITAS
from benchmarks.float_networks import FloatNetwork, budgets, float_key
from benchmarks.peer_process import call_peer
from hwcore.layers.float_layer import FloatLayer
from hwcore.pipeline.parts.data import JobData
from hwcore.spec import Course, Hardware, Linear

SCRIPT = Path(__file__).parent / "peers" / "brevitas_mlp.py"
RESIDUAL_SCRIPT = SCRIPT.with_name("brevitas_resnet8.py")


class PeerMissing(RuntimeError):
    """No interpreter with the peers in it was given: see benchmarks/README.md."""


def train_brevitas(
    case: Case, start: FloatNetwork, data: JobData, scratch: Path, peers_python: str | None
) -> dict[str, Any]:
    """Train the case with Brevitas from the same float network, on the same images through the same DAC."""
    named = _named(start.network)
    about = {"collected": 256, "widths": _widths(named), "learned_scale": case.method == BREVITAS[0], "test": True}
    files = f"{float_key(case, budgets(case)[0])}.npz", f"{case.key}.npz"
    return _ask(SCRIPT, str(case), case.job.course(), named, data, about, files, _peers(scratch), peers_python)


def _peers(scratch: Path) -> Path:
    folder = scratch / "peers"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def train_residual(
    course: Course,
    rate: float,
    start: nn.Module,
    data: JobData,
    scratch: Path,
    peers_python: str | None,
    *,
    test: bool,
) -> dict[str, Any]:
    """Train resnet-8 with Brevitas, its scales learned, from the same float network on the same images.

    Args:
        course: of ours, resolved.
        rate: of the peer: weights are in units of their own.
        start: the network in floating point.
        data: of the training.
        scratch: folder for the files of the peer.
        peers_python: an interpreter with Brevitas in it.
        test: whether it is judged on the test images; else their accuracy is None.

    Raises:
        PeerMissing: there is none.
    """
    training, shape = course.training, data.plain.training.input_shape
    moved = training.augmentation
    about = {
        "collected": 64,
        "learned_scale": True,
        "learning_rate": rate,
        "test": test,
        "augmentation": None if moved is None else {"shape": shape, "shift": moved.shift, "flip": moved.flip},
    }
    files = "network.npz", "images.npz"
    with TemporaryDirectory(dir=_peers(scratch)) as folder:
        return _ask(RESIDUAL_SCRIPT, "resnet-8", course, _named(start), data, about, files, Path(folder), peers_python)


def _ask(
    script: Path,
    name: str,
    course: Course,
    named: dict[str, np.ndarray],
    data: JobData,
    about: dict[str, Any],
    files: tuple[str, str],
    folder: Path,
    peers_python: str | None,
) -> dict[str, Any]:
    """Ask a peer to train what a course trains, and what `about` says beside it or otherwise."""
    if peers_python is None:
        raise PeerMissing(f"{name}: no interpreter with brevitas; give --peers-python PATH")
    network, images = (folder / file for file in files)
    np.savez(network, allow_pickle=False, **named)
    np.savez(images, allow_pickle=False, **_images(data))
    training = course.training
    request = {
        "images": str(images),
        "network": str(network),
        "weight_bits": _integer_bits(name, course.hardware),
        "activation_bits": course.hardware.activation.bits,
        "threads": torch.get_num_threads(),
        **{
            field: getattr(training, field)
            for field in (
                "epochs",
                "batch",
                "learning_rate",
                "weight_decay",
                "label_smoothing",
                "input_dropout",
                "seed",
                "optimizer",
            )
        },
        **about,
    }
    try:
        return call_peer(peers_python, script, request)
    finally:
        images.unlink(missing_ok=True)


def _integer_bits(name: str, hardware: Hardware) -> int:
    """Bits of a symmetric integer with as many values as the pair: -(L - 1) .. L - 1 are b + 1 bits in narrow range."""
    cell, weights = hardware.cell, hardware.weights
    symmetric = cell.negative.gain == 1.0 and isinstance(cell.spacing, Linear) and cell.on_off_ratio is None
    levels = cell.levels or 0
    if not symmetric or weights.encoding != "sign_select" or levels & (levels - 1):
        raise ValueError(f"{name}: Brevitas has no such cell; allowed: linear, symmetric, no leakage, 2^b levels")
    return levels.bit_length()


def _named(network: nn.Module) -> dict[str, np.ndarray]:
    """Weights by the position of their layer: the peer knows nothing of our classes."""
    found: dict[str, np.ndarray] = {}
    for kind, name in ((nn.Linear | FloatLayer, "linear"), (nn.BatchNorm1d | nn.BatchNorm2d, "norm")):
        for number, layer in enumerate(module for module in network.modules() if isinstance(module, kind)):
            for part, value in layer.state_dict().items():
                found[f"{name}.{number}.{part}"] = value.cpu().numpy()
    return found


def _widths(named: dict[str, np.ndarray]) -> list[int]:
    weights = [value for name, value in named.items() if name.startswith("linear") and name.endswith("weight")]
    return [weights[0].shape[1], *(weight.shape[0] for weight in weights)]


def _images(data: JobData) -> dict[str, np.ndarray]:
    views = {"training": data.chip.training, "validation": data.chip.validation, "test": data.chip.test}
    found = {"lsb": np.array(data.chip.training.lsb)}
    for name, examples in views.items():
        found[f"{name}_codes"] = examples.codes.cpu().numpy()
        found[f"{name}_labels"] = examples.labels.cpu().numpy()
    return found
