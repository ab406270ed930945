"""Random networks, so small that a job takes a second."""

from __future__ import annotations

from random import Random

from benchmarks.fuzzing.draws import Node, chance, without_none


def random_network(random: Random, shape: tuple[int, int], batch_allowed: bool) -> Node:
    """Dense layers, or convolutions that fit on the images before them.

    Args:
        random: source.
        shape: height and width of the images, pixels.
        batch_allowed: whether the hardware can have batch normalisation.
    """
    normalization = random.choice((None, "none", *(("batch",) if batch_allowed else ())))
    hidden = [random.choice((1, 2, 3, 8, 16, 24)) for _ in range(random.choice((0, 1, 1, 2, 3)))]
    if min(shape) < 3 or chance(random, 0.65):
        return without_none({"type": "mlp", "hidden": hidden, "normalization": normalization})
    convolutions = []
    for _ in range(random.choice((1, 1, 2))):
        block, shape = _convolution(random, shape)
        convolutions.append(block)
    return without_none(
        {"type": "cnn", "convolutions": convolutions, "hidden": hidden[:2], "normalization": normalization}
    )


def _convolution(random: Random, shape: tuple[int, int]) -> tuple[Node, tuple[int, int]]:
    padding = random.choice((0, 0, 1, 2))
    padded = min(shape) + 2 * padding
    kernel, stride = random.randint(1, min(3, padded)), random.choice((1, 1, 2))
    height, width = ((length + 2 * padding - kernel) // stride + 1 for length in shape)
    block: Node = {"channels": random.randint(1, 6), "kernel": kernel, "stride": stride, "padding": padding}
    if min(height, width) >= 2 and chance(random, 0.5):
        block["pool"] = {"type": random.choice(("max", "average")), "size": 2}
        height, width = height // 2, width // 2
    return block, (height, width)
