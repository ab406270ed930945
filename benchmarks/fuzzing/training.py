"""Random trainings: both methods and optimisers, rates up to 10, one or two epochs, few chips."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.fuzzing.draws import Node, chance, magnitude, ratio, some, without_none
from hwcore.spec import EFFECTS, TRAINING_EFFECTS, Hardware, absent, beginnings, first_time


def random_training(random: Random, hardware: Hardware, images_are_images: bool) -> Node:
    """Every field of a training, now and then.

    Args:
        random: source.
        hardware: what training may be aware of.
        images_are_images: whether they can be shifted.
    """
    wild = chance(random, 0.4)
    trainable = [effect for effect in TRAINING_EFFECTS if absent(hardware, effect) is None]
    fields: dict[str, Any] = {
        "method": random.choice(("smooth", "smooth", "straight_through")),
        "epochs": random.choice((1, 2)),
        "float_epochs": random.choice((None, 1, 2)),
        "batch": random.choice((2, 16, 64, 256)) if chance(random, 0.2) else random.choice((32, 64, 256)),
        "optimizer": random.choice(("adam", "sgd")),
        "learning_rate": _rate(random) if wild else None,
        "hardware_learning_rate": _rate(random) if wild and chance(random, 0.4) else None,
        "weight_decay": random.choice((0.0, 1.0, 1e-4)) if chance(random, 0.2) else None,
        "label_smoothing": random.choice((0.0, 0.3, 0.999)) if chance(random, 0.3) else None,
        "augmentation": {"shift": random.randint(1, 4)} if images_are_images and chance(random, 0.2) else None,
        "weight_noise": ratio(random, 0.1) if chance(random, 0.4) else None,
        "input_dropout": random.uniform(0.0, 0.9) if chance(random, 0.2) else None,
        "activation_noise": random.uniform(0.0, 4.0) if chance(random, 0.2) else None,
        "initial_range_ratio": magnitude(random, 0.1, 10.0) if chance(random, 0.2) else None,
        "aware_of": some(random, trainable) if chance(random, 0.4) else None,
        "schedule": _schedule(random) if chance(random, 0.4) else None,
        "seed": random.choice((0, 1, 2**63 - 1, random.getrandbits(32))),
    }
    training = without_none(fields)
    if chance(random, 0.4):
        training.setdefault("hardware_learning_rate", None)
    if chance(random, 0.3):
        training = {"input_dropout": 0.0, "activation_noise": 0.0, "initial_range_ratio": 1.0} | training
    if chance(random, 0.4):
        alone = {"weight": 1.0, "temperature": random.choice((0.1, 4.0, 100.0))}
        training["distillation"] = random.choice((None, alone))
    return training


def random_evaluation(random: Random, hardware: Hardware, training: Node) -> Node:
    """Few chips, some of the effects, and times where something depends on them."""
    present = [effect for effect in EFFECTS if absent(hardware, effect) is None]
    effects = some(random, present) if chance(random, 0.3) else None
    times = None
    first = first_time(hardware)
    choices = [effects, training.get("aware_of")]
    ages = any(each is None or beginnings(hardware).keys() & set(each) for each in choices)
    if first is not None and ages and chance(random, 0.5):
        times = sorted({magnitude(random, first, max(2 * first, 3e9)) for _ in range(random.randint(1, 3))})
    return without_none(
        {
            "chips": random.choice((1, 2, 3)),
            "target_accuracy": random.choice((None, 0.5, 0.999)),
            "effects": effects,
            "times": times,
        }
    )


def _rate(random: Random) -> float:
    return random.choice((10.0, 10.0, 1.0, 1e-12, magnitude(random, 1e-5, 10.0)))


def _schedule(random: Random) -> Node:
    start = magnitude(random, 0.01, 100.0)
    return without_none(
        {
            "start": start,
            "end": min(1e4, start * random.choice((1.001, 4.0, 100.0))),
            "activation_end": random.choice((None, start, start * 10)),
            "hard_from": random.choice((0.0, 0.5, 1.0)),
        }
    )
