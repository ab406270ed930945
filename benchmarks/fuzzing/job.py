"""A random job: its document, and the file of its data."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np

from benchmarks.fuzzing.data import random_data
from benchmarks.fuzzing.draws import Node, chance
from benchmarks.fuzzing.hardware import random_hardware
from benchmarks.fuzzing.inputs import varied
from benchmarks.fuzzing.network import random_network
from benchmarks.fuzzing.training import random_evaluation, random_training
from hwcore.errors import InvalidInput
from hwcore.spec import Hardware, load_preset, parse_hardware

DIGITS = (8, 8)


def random_job(seed: int, number: int, folder: Path) -> Node:
    """The document of one job of a run; its data, where they are its own, are written to data.npz in the folder.

    Args:
        seed: of the run.
        number: of the job, from 0. The same seed and number give the same job.
        folder: empty.
    """
    random = Random(f"{seed}/{number}")
    document: Node = {"name": f"fuzzed {seed}/{number}", "hardware": random_hardware(random)}
    document["dataset"], shape = ("digits", DIGITS) if chance(random, 0.1) else random_data(random, folder)
    hardware = _described(document["hardware"])
    batch_allowed = hardware.weights.scale == "per_column" and hardware.weights.bias == "digital"
    document["model"] = random_network(random, shape, batch_allowed)
    document["training"] = random_training(random, hardware, images_are_images=shape[0] > 1)
    document["evaluation"] = random_evaluation(random, hardware, document["training"])
    if chance(random, 0.5):
        document["export"] = {"netlists": random.choice(("none", "one_per_layer", "all"))}
    # A stream of its own: the jobs that were there before these kinds of inputs stay what they were, but for those.
    return _other_inputs(Random(f"{seed}/{number}/inputs"), document, folder)


def _other_inputs(random: Random, document: Node, folder: Path) -> Node:
    """Half of the jobs on files get other inputs or targets than grey bytes and their classes."""
    if not isinstance(document["dataset"], dict) or chance(random, 0.5):
        return document
    path = folder / "data.npz"
    with np.load(path) as file:
        arrays, fields = varied(random, dict(file))
    np.savez(path, allow_pickle=False, **arrays)
    if "normalization" in fields:
        document["dataset"]["normalization"] = fields.pop("normalization")
    if fields.get("metric") == "roc_auc":
        sizes = {"units": random.choice((3, 16)), "layers": random.randint(1, 2), "code": random.choice((1, 4))}
        document["model"] = {"type": "fc-autoencoder", **sizes}
    return {**document, **fields}


def _described(hardware: Node | str) -> Hardware:
    """The chip; where its cell is refused, the rest of it: the job is then refused for the same reason."""
    if isinstance(hardware, str):
        return load_preset(hardware).hardware
    try:
        return parse_hardware(hardware)
    except InvalidInput:
        return parse_hardware({**hardware, "cell": {"levels": 4, "g_max": 5e-5}, "noise": {}})
