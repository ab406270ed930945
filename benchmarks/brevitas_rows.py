"""Hands a case to Brevitas in an interpreter of its own, and reads what it reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.cases import Case
from benchmarks.experiments import BREVITAS
from benchmarks.float_networks import FloatNetwork, budgets, float_key
from benchmarks.peer_process import call_peer
from hwcore.pipeline.parts.data import JobData
from hwcore.spec import Linear

SCRIPT = Path(__file__).parent / "peers" / "brevitas_mlp.py"


class PeerMissing(RuntimeError):
    """No interpreter with the peers in it was given: see benchmarks/README.md."""


def train_brevitas(
    case: Case, start: FloatNetwork, data: JobData, scratch: Path, peers_python: str | None
) -> dict[str, Any]:
    """Train the case with Brevitas from the same float network, on the same images through the same DAC."""
    if peers_python is None:
        raise PeerMissing(f"{case}: no interpreter with brevitas; give --peers-python PATH")
    folder = scratch / "peers"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    network, images = folder / f"{float_key(case, budgets(case)[0])}.npz", folder / f"{case.key}.npz"
    named = _named(start.network)
    np.savez(network, allow_pickle=False, **named)
    np.savez(images, allow_pickle=False, **_images(data))
    training = case.job.training
    request = {
        "images": str(images),
        "network": str(network),
        "widths": _widths(named),
        "weight_bits": _integer_bits(case),
        "learned_scale": case.method == BREVITAS[0],
        "activation_bits": case.job.described_hardware.activation.bits,
        "threads": torch.get_num_threads(),
        **{
            name: getattr(training, name)
            for name in (
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
    }
    try:
        return call_peer(peers_python, SCRIPT, request)
    finally:
        images.unlink(missing_ok=True)


def _integer_bits(case: Case) -> int:
    """Bits of a symmetric integer with as many values as the pair: -(L - 1) .. L - 1 are b + 1 bits in narrow range."""
    cell, weights = case.job.described_hardware.cell, case.job.described_hardware.weights
    symmetric = cell.negative.gain == 1.0 and isinstance(cell.spacing, Linear) and cell.on_off_ratio is None
    levels = cell.levels or 0
    if not symmetric or weights.encoding != "sign_select" or levels & (levels - 1):
        raise ValueError(f"{case}: Brevitas has no such cell; allowed: linear, symmetric, no leakage, 2^b levels")
    return levels.bit_length()


def _named(network: torch.nn.Module) -> dict[str, np.ndarray]:
    """Weights by the position of their layer: the peer knows nothing of our classes."""
    found: dict[str, np.ndarray] = {}
    for kind, name in ((torch.nn.Linear, "linear"), (torch.nn.BatchNorm1d, "norm")):
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
