"""The main job on real handwriting: what the hardware costs in accuracy, and how long the job takes."""

from __future__ import annotations

import time

from benchmarks.figures import Figure, record
from benchmarks.jobs import example, measure


def main() -> None:
    """Run the three jobs of examples/ that use MNIST and EMNIST Letters."""
    started = time.perf_counter()
    mnist, per_layer, emnist = (measure(example(name)) for name in ("mnist", "mnist-per-layer", "emnist"))
    figures = [
        Figure("mnist_loss", mnist["loss_points"], "points", 0.3),
        Figure("mnist_rounding_loss", mnist["rounding_loss_points"], "points"),
        Figure("mnist_seconds", mnist["seconds"], "s", 120.0),
        Figure("mnist_per_layer_loss", per_layer["loss_points"], "points", 0.5),
        Figure("emnist_loss", emnist["loss_points"], "points", 1.0),
    ]
    record("first_light", figures, [mnist, per_layer, emnist], time.perf_counter() - started)


if __name__ == "__main__":
    main()
