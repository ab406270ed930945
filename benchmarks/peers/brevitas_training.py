"""Trains a network of Brevitas' layers and judges it: for the scripts beside this one, in an interpreter that has it.

The loop is that of hwcore.training.fit: the same batches per epoch, AdamW on weights alone, a cosine learning rate.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import torch
import torch.nn.functional as F

Request = dict


def answer(build: Callable[[Request], torch.nn.Module]) -> None:
    """Train the network of the request on stdin, judge it, on the test images where asked for, print as JSON."""
    request = json.load(sys.stdin)
    torch.set_num_threads(request["threads"])
    torch.manual_seed(request["seed"])
    network = build(request)
    images = np.load(request["images"])
    parts = {
        name: (torch.from_numpy(images[f"{name}_codes"]), torch.from_numpy(images[f"{name}_labels"]))
        for name in ("training", "validation", "test")
    }
    lsb = float(images["lsb"])
    calibrate(network, parts["training"][0], lsb, request["collected"])
    started = time.perf_counter()
    curve = train(network, *parts["training"], lsb, request, parts["validation"])
    seconds = time.perf_counter() - started
    found = {
        "accuracy": {"hardware_aware": accuracy(network, *parts["test"], lsb) if request["test"] else None},
        "validation": {"hardware_aware": accuracy(network, *parts["validation"], lsb)},
        "training_seconds": round(seconds, 1),
        "curve": curve,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "versions": {"brevitas": version("brevitas"), "brevitas torch": torch.__version__},
        "weight_values": weight_values(network),
    }
    print(json.dumps(found))


@torch.no_grad()
def calibrate(network: torch.nn.Module, codes: torch.Tensor, lsb: float, batch: int) -> None:
    """Some batches in training mode, so that Brevitas has collected the ranges of its activations.

    It takes 300 passes (`collect_stats_steps`); some more leave it with a learned range.
    """
    norms = [layer for layer in network.modules() if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm)]
    network.train()
    for norm in norms:
        norm.eval()
    for step in range(310):
        first = step * batch % (len(codes) - batch)
        network(codes[first : first + batch].float() * lsb)


def train(
    network: torch.nn.Module,
    codes: torch.Tensor,
    labels: torch.Tensor,
    lsb: float,
    request: Request,
    validation: tuple[torch.Tensor, torch.Tensor],
) -> list[float]:
    """Cross-entropy with smoothed labels, images moved, inputs dropped; the held-out accuracy of every epoch."""
    parameters = list(network.parameters())
    groups = [
        {"params": [parameter for parameter in parameters if is_weight(parameter)]},
        {"params": [parameter for parameter in parameters if not is_weight(parameter)], "weight_decay": 0.0},
    ]
    rate, decay = request["learning_rate"], request["weight_decay"]
    if request["optimizer"] == "sgd":
        optimizer: torch.optim.Optimizer = torch.optim.SGD(groups, lr=rate, momentum=0.9, weight_decay=decay)
    else:
        optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=decay, fused=True)
    batch = min(request["batch"], len(labels))
    steps = len(labels) // batch
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps * request["epochs"])
    generator = torch.Generator().manual_seed(request["seed"])
    curve = []
    for _ in range(request["epochs"]):
        network.train()
        order = torch.randperm(len(labels), generator=generator)
        for step in range(steps):
            chosen = order[step * batch : (step + 1) * batch]
            batch_codes = codes[chosen]
            if request.get("augmentation"):
                batch_codes = moved(batch_codes, **request["augmentation"], generator=generator)
            logits = network(F.dropout(batch_codes.float() * lsb, request["input_dropout"]))
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=request["label_smoothing"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        curve.append(round(accuracy(network, *validation, lsb), 4))
    return curve


def moved(codes: torch.Tensor, shape: list[int], shift: int, *, flip: bool, generator: torch.Generator) -> torch.Tensor:
    """Images moved by up to `shift` pixels each way over zeros, and half of them mirrored.

    Args:
        codes: flattened images.
        shape: channels, height and width.
        shift: largest move, pixels.
        flip: whether left and right are exchanged.
        generator: source of moves and mirrors.
    """
    _, height, width = shape
    padded = F.pad(codes.view(-1, *shape), (shift,) * 4)
    moves = torch.randint(2 * shift + 1, (len(codes), 2), generator=generator)
    rows = (moves[:, :1] + torch.arange(height))[:, None, :, None]
    columns = moves[:, 1:] + torch.arange(width)
    if flip:
        mirrored = torch.randint(2, (len(codes), 1), generator=generator).bool()
        columns = torch.where(mirrored, columns.flip(1), columns)
    images = torch.arange(len(codes))[:, None, None, None]
    channels = torch.arange(shape[0])[None, :, None, None]
    return padded[images, channels, rows, columns[:, None, None, :]].flatten(1)


def is_weight(parameter: torch.nn.Parameter) -> bool:
    """Tell whether a parameter decays: matrices and kernels do, scales (outputs x 1), ranges and biases do not."""
    return parameter.ndim > 1 and parameter[0].numel() > 1


@torch.no_grad()
def accuracy(network: torch.nn.Module, codes: torch.Tensor, labels: torch.Tensor, lsb: float) -> float:
    """Share of the images whose largest logit is that of their label."""
    network.eval()
    correct = 0
    for first in range(0, len(labels), 2000):
        logits = network(codes[first : first + 2000].float() * lsb)
        correct += int((logits.argmax(1) == labels[first : first + 2000]).sum())
    return correct / len(labels)


@torch.no_grad()
def weight_values(network: torch.nn.Module) -> int:
    """Largest count of distinct weights in one output: proof that the cell was kept."""
    counts = []
    for layer in network.modules():
        if hasattr(layer, "quant_weight"):
            quantised = layer.quant_weight()
            codes = torch.round(quantised.value / quantised.scale)
            counts.append(len(codes.unique()))
    return max(counts)
