"""The experiments of `benchmarks.accuracy`: which networks on which chips, by which methods. Recipes are changed here.

What a document leaves out is the job's default. The corners and Brevitas are measured twice: with the recipe of a long
training, and with a short one, which was the default before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
OURS = ("smooth", "straight_through")
BREVITAS = ("brevitas_learned_scale", "brevitas_largest_weight")
"""Brevitas with a learned scale that starts at the least error, and with the scale of the largest weight."""

SEEDS = (0, 1, 2)
MORE_SEEDS = (3, 4)
"""Further seeds of the first method, where small losses count."""
ALL_SEEDS = (*SEEDS, *MORE_SEEDS)
BITS = (1, 2, 4)
CELLS: Mapping[str, Document] = {
    "infinite, linear, 1": {"on_off_ratio": None},
    "8, linear, 1": {"on_off_ratio": 8},
    "8, exponential 2, 0.8": {
        "on_off_ratio": 8,
        "spacing": {"type": "exponential", "curvature": 2},
        "negative": {"gain": 0.8},
    },
    "2, linear, 0.8": {"on_off_ratio": 2, "negative": {"gain": 0.8}},
}
"""On/off ratio, spacing and gain of the negative component."""
MAIN_CELL = "8, exponential 2, 0.8"
IDEAL_CELL = "infinite, linear, 1"

LONG: Document = {
    "float_epochs": 10,
    "epochs": 30,
    "input_dropout": 0.2,
    "activation_noise": 0.5,
    "initial_range_ratio": 0.8,
    "hardware_learning_rate": 2e-2,
}
"""Training with which 2-bit activations lost least on held-out images (docs/explanation/training.md); EMNIST and 1-bit
activations were tried as well, 3 and 4 bits were not."""

ONE_RATE: Document = {
    "hardware_learning_rate": None,
    "input_dropout": 0.0,
    "activation_noise": 0.0,
    "initial_range_ratio": 1.0,
}
"""Nothing of the long recipe beside its length: the latent weights have the rate of the floating-point training."""
SHORT: Document = {"float_epochs": 10, "epochs": 10, **ONE_RATE}
"""Training of a job that said nothing about it, before the long recipe was the default."""

NOISY: Document = {
    **ONE_RATE,
    "float_epochs": 20,
    "epochs": 20,
    "batch": 64,
    "learning_rate": 1e-2,
    "label_smoothing": 0.0,
    "distillation": None,
    "weight_noise": 0.0,
    "weight_decay": 0.0,
    "schedule": {"hard_from": 0.5},
}
"""The tutorial's 20 epochs in floating point, and as many with the noise."""

NOISY_LONGER: Document = {
    **NOISY,
    "float_epochs": 3,
    "epochs": 60,
    "learning_rate": 4e-3,
    "augmentation": {"shift": 1},
    "clip_latents": True,
}
"""Training with which chips without calibration had most held-out images right (docs/explanation/training.md)."""

TRAINING: Mapping[str, Document] = {
    "corners": LONG,
    "activations": LONG,
    "corners_short": SHORT,
    "emnist": LONG,
    "published": {**ONE_RATE, "float_epochs": 10, "epochs": 20, "augmentation": {"shift": 1}},
    "crosssim_tutorial": NOISY,
    "crosssim_longer": NOISY_LONGER,
    "crosssim_calibrated": NOISY,
    "brevitas": LONG,
    "brevitas_short": SHORT,
}
"""Training of each experiment where it is not the default. Together the two are the budget of the float network."""


@dataclass(frozen=True)
class Experiment:
    """Some corners, each trained by some methods from some seeds.

    Attributes:
        name: as `--only` takes it.
        about: what is measured, one sentence for the document.
        corners: job documents by name, without method and seed.
        methods: of `training.method`, or a peer.
        held_out: share of the training images.
        more_seeds: seeds of the first method besides those of all methods.
    """

    name: str
    about: str
    corners: Mapping[str, Document]
    methods: tuple[str, ...] = ("smooth",)
    held_out: float = 0.1
    more_seeds: tuple[int, ...] = ()

    def seeds_of(self, method: str) -> tuple[int, ...]:
        """The seeds that a method is trained from."""
        return (*SEEDS, *self.more_seeds) if method == self.methods[0] else SEEDS


def hardware(bits: int, cell: str, *, activation_bits: int = 2) -> Document:
    """Sign-select cells of 2^bits levels, a scale per column, digital bias, learned activation ranges, 4-bit inputs."""
    return {
        "cell": {"levels": 2**bits, "g_max": 5e-5, **CELLS[cell]},
        "weights": {"encoding": "sign_select", "scale": "per_column", "bias": "digital"},
        "activation": {"function": "relu", "bits": activation_bits, "range": "learned"},
        "input": {"bits": 4},
    }


def mlp(experiment: str, chip: Document, *, dataset: str = "mnist", hidden: tuple[int, ...] = (512, 512)) -> Document:
    """A perceptron with batch normalisation."""
    model = {"type": "mlp", "hidden": list(hidden), "normalization": "batch"}
    return {"dataset": dataset, "hardware": chip, "model": model, "training": dict(TRAINING[experiment])}


def corner_name(bits: int, cell: str) -> str:
    """Bits of a component, then the cell."""
    return f"{bits} bit: {cell}"


def crosssim(*, calibrated: bool = False) -> Document:
    """The network of CrossSim's 2024 tutorial: 7-bit one-sided pairs, on/off 10, programmed as G (1 + 0.3 xi).

    Calibrated it has batch normalisation, which is folded into the scale and bias of each column: the arrays are the
    same.
    """
    convolutions = [{"channels": 8, "kernel": 3, "stride": 2}, {"channels": 16, "kernel": 3, "stride": 2}]
    return {
        "dataset": "mnist",
        "hardware": {
            "cell": {"levels": 128, "g_max": 5e-5, "on_off_ratio": 10},
            "weights": {"encoding": "sign_select", "scale": "per_column", "bias": "digital"},
            "activation": {"function": "relu"},
            "noise": {"programming": {"type": "proportional", "sigma_ratio": 0.3}},
            "calibration": "per_column" if calibrated else "none",
        },
        "model": {
            "type": "cnn",
            "convolutions": convolutions,
            "hidden": [],
            "normalization": "batch" if calibrated else "none",
        },
        "training": dict(TRAINING["crosssim_calibrated" if calibrated else "crosssim_tutorial"]),
        "evaluation": {"chips": 25},
    }


def _grid(
    experiment: str, bits: tuple[int, ...] = BITS, cells: Iterable[str] = CELLS, dataset: str = "mnist"
) -> dict[str, Document]:
    return {corner_name(b, cell): mlp(experiment, hardware(b, cell), dataset=dataset) for b in bits for cell in cells}


PUBLISHED = {"tfc": 64, "sfc": 256, "lfc": 1024}

EXPERIMENTS: Mapping[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "corners",
            "MNIST, 784-512-512-10, 2-bit activations, 4-bit inputs. A corner is: bits per component: on/off ratio, "
            "spacing, gain of the negative component.",
            _grid("corners"),
            OURS,
            more_seeds=MORE_SEEDS,
        ),
        Experiment(
            "activations",
            f"The same network on 2-bit cells ({MAIN_CELL}), by the bits of its activations.",
            {
                f"{bits}-bit activations": mlp("activations", hardware(2, MAIN_CELL, activation_bits=bits))
                for bits in (1, 2, 3, 4)
            },
        ),
        Experiment(
            "corners_short",
            "The same corners with a short training, which was the default before the long one.",
            _grid("corners_short"),
            OURS,
            more_seeds=MORE_SEEDS,
        ),
        Experiment(
            "emnist",
            "EMNIST Letters, a subset (49,656 training and 8,749 test images) and not the official split; the same "
            "network with 26 classes.",
            _grid("emnist", (2, 4), dataset="emnist-letters"),
        ),
        Experiment(
            "published",
            "MNIST on 1-bit cells (three weight values), 2-bit activations, 4-bit inputs, three hidden layers of 64, "
            "256 and 1024. Published after 500 to 1000 epochs with 1-bit weights and 2-bit activations and inputs "
            "(Brevitas BNN-PYNQ): 94.79, 98.31, 98.99.",
            {name: mlp("published", hardware(1, IDEAL_CELL), hidden=(width,) * 3) for name, width in PUBLISHED.items()},
        ),
        Experiment(
            "crosssim_tutorial",
            "CrossSim's tutorial network, on/off 10, 7-bit one-sided pairs, every cell written as G (1 + 0.3 xi); "
            "48,000 images to train on, 20 epochs in floating point (the plain network) and 20 more with the noise. "
            "Published (10 chips): plain training on the array 87.48, hardware-aware 95.24; printed are 93.74 and "
            "97.62, for the tutorial counts as many right answers again as there are images (`benchmarks.crosssim`).",
            {"7 bit, on/off 10, noise 0.3": crosssim()},
            held_out=0.2,
        ),
        Experiment(
            "crosssim_longer",
            "The same network, chips and images, 3 epochs in floating point and 60 with the noise, images moved by up "
            "to a pixel and latent weights clipped. `plain training` is the network of 3 epochs.",
            {"7 bit, on/off 10, noise 0.3": {**crosssim(), "training": dict(NOISY_LONGER)}},
            held_out=0.2,
        ),
        Experiment(
            "crosssim_calibrated",
            "The same arrays and noise, with batch normalisation and `hardware.calibration: per_column`: after the "
            "write every column has a digital gain and offset of its own, from 500 training images. Nothing like it "
            "was published for the tutorial.",
            {"7 bit, on/off 10, noise 0.3, calibrated": crosssim(calibrated=True)},
            held_out=0.2,
        ),
        Experiment(
            "brevitas",
            "Brevitas on the cells that it can express, and ours on the same: the same float network to start from, "
            "the same epochs, images, dropped inputs, batches and optimiser, all chosen for ours. Brevitas has the "
            "learning rate of that float network, for weights in the same unit; ours has ten times that, for weights "
            "some ten times as large, and so ten times the decay a step. No rate was searched for Brevitas. Ours also "
            "learns from the float network, with noise on its weights and before its activations and from narrower "
            "ranges, and its normalisation is settled at the end; Brevitas learns from the labels.",
            _grid("brevitas", cells=[IDEAL_CELL]),
            ("smooth", *BREVITAS),
        ),
        Experiment(
            "brevitas_short",
            "The same with 10 epochs in the place of 30, one learning rate, nothing dropped, no noise before the "
            "activations, and ranges of least error.",
            _grid("brevitas_short", cells=[IDEAL_CELL]),
            ("smooth", *BREVITAS),
        ),
    )
}
