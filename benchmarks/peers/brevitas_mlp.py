"""Trains a perceptron with Brevitas, in an interpreter that has it: a request as JSON on stdin, the answer on stdout.

The loop is that of hwcore.training.fit: the same batches per epoch, AdamW on weights alone, a cosine learning rate.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib.metadata import version

import numpy as np
import torch
import torch.nn.functional as F
from brevitas_network import quantised_network, start_from


def main() -> None:
    """Train, judge on the held-out and the test images, print."""
    request = json.load(sys.stdin)
    torch.set_num_threads(request["threads"])
    torch.manual_seed(request["seed"])
    learned = request["learned_scale"]
    network = quantised_network(
        request["widths"], request["weight_bits"], request["activation_bits"], learned_scale=learned
    )
    start_from(network, np.load(request["network"]), learned_scale=learned)
    images = np.load(request["images"])
    parts = {
        name: (torch.from_numpy(images[f"{name}_codes"]), torch.from_numpy(images[f"{name}_labels"]))
        for name in ("training", "validation", "test")
    }
    lsb = float(images["lsb"])
    calibrate(network, parts["training"][0], lsb)
    started = time.perf_counter()
    curve = train(network, *parts["training"], lsb, request, parts["validation"])
    seconds = time.perf_counter() - started
    answer = {
        "accuracy": {"hardware_aware": accuracy(network, *parts["test"], lsb)},
        "validation": {"hardware_aware": accuracy(network, *parts["validation"], lsb)},
        "training_seconds": round(seconds, 1),
        "curve": curve,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "versions": {"brevitas": version("brevitas"), "brevitas torch": torch.__version__},
        "weight_values": weight_values(network),
    }
    print(json.dumps(answer))


@torch.no_grad()
def calibrate(network: torch.nn.Module, codes: torch.Tensor, lsb: float) -> None:
    """Some batches in training mode, so that Brevitas has collected the ranges of its activations (300 passes)."""
    norms = [layer for layer in network if isinstance(layer, torch.nn.BatchNorm1d)]
    network.train()
    for norm in norms:
        norm.eval()
    for step in range(310):
        first = step * 256 % (len(codes) - 256)
        network(codes[first : first + 256].float() * lsb)


def train(
    network: torch.nn.Module,
    codes: torch.Tensor,
    labels: torch.Tensor,
    lsb: float,
    request: dict,
    validation: tuple[torch.Tensor, torch.Tensor],
) -> list[float]:
    """Cross-entropy with smoothed labels, inputs dropped; the held-out accuracy of every epoch."""
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
            logits = network(F.dropout(codes[chosen].float() * lsb, request["input_dropout"]))
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=request["label_smoothing"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        curve.append(round(accuracy(network, *validation, lsb), 4))
    return curve


def is_weight(parameter: torch.nn.Parameter) -> bool:
    """Tell whether a parameter decays: matrices do, scales (outputs x 1), ranges and biases do not."""
    return parameter.ndim > 1 and parameter.shape[1] > 1


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
    for layer in network:
        if hasattr(layer, "quant_weight"):
            quantised = layer.quant_weight()
            codes = torch.round(quantised.value / quantised.scale)
            counts.append(len(codes.unique()))
    return max(counts)


if __name__ == "__main__":
    main()
