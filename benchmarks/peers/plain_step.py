"""The plain step that a peer is measured by, and what a peer's script does with its networks. Needs torch alone."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from interleaved import Step, interleave
from peak_memory import forget_peak, peak_resident, resident
from torch import nn

Build = Callable[[list[int]], nn.Module]
PLAIN = "plain"


def plain_network(widths: list[int]) -> nn.Module:
    """Linear, batch normalisation, ReLU, ..., linear."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-2])


def step_of(network: nn.Module, request: dict, codes: torch.Tensor, labels: torch.Tensor) -> Step:
    """Fetch a batch, forward, backward, AdamW and the learning rate: as hwcore.training.fit does."""
    groups = [
        {"params": [parameter for parameter in network.parameters() if parameter.ndim > 1]},
        {"params": [parameter for parameter in network.parameters() if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=request["learning_rate"], weight_decay=request["weight_decay"], fused=True)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=request["total_steps"])
    batch, lsb = request["batch"], request["lsb"]
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    network.train()

    def step(number: int) -> None:
        first = number * batch % (len(labels) - batch)
        chosen = order[first : first + batch]
        logits = network(codes[chosen].float().mul_(lsb))
        loss = F.cross_entropy(logits, labels[chosen], label_smoothing=request["label_smoothing"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()

    return step


def answer(package: str, variants: Mapping[str, Build], plain: Build = plain_network) -> None:
    """Read the request, time every variant beside the plain step, or measure the memory of one, and print JSON."""
    request = json.load(sys.stdin)
    torch.set_num_threads(request["threads"])
    torch.manual_seed(0)
    images = np.load(Path(request["images"]))
    codes, labels = torch.from_numpy(images["codes"]), torch.from_numpy(images["labels"])
    builds = {PLAIN: plain, **variants}
    found: dict = {"versions": {package: version(package), f"{package} torch": torch.__version__}}
    if request.get("memory_of") is not None:
        found["growth_bytes"] = _growth(builds[request["memory_of"]], request, codes, labels)
    else:
        steps = {name: step_of(build(request["widths"]), request, codes, labels) for name, build in builds.items()}
        plain_step = steps.pop(PLAIN)
        measured = {name: request[name] for name in ("rounds", "steps", "warm_up")}
        plain_seconds, timings, _ = interleave(plain_step, steps, **measured)
        found["plain_seconds"] = plain_seconds
        found["timings"] = {name: dataclasses.asdict(timing) for name, timing in timings.items()}
    print(json.dumps(found))


def _growth(build: Build, request: dict, codes: torch.Tensor, labels: torch.Tensor) -> int:
    forget_peak()
    before = resident()
    step = step_of(build(request["widths"]), request, codes, labels)
    for number in range(request["warm_up"]):
        step(number)
    return peak_resident() - before
