"""The walk through the layers: what every layer is given, and in which order."""

from collections.abc import Iterator

import torch

from hwcore.crossbar import walk
from hwcore.mapping import MappedLayer
from tests.hwcore.crossbar.small_networks import layer, network

NETWORK = network(
    layer([[2.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 0.0]], scale=[1.0, 1.0], bias=[0.5, 0.0]),
    layer([[1.0], [1.0], [1.0]], [[0.0]] * 3, scale=[-1.0], bias=[0.25], bias_drive=1.5, name="fc2"),
)
"""Weights 2, -1, 0 and 1; then a sum and a bias row, of the other sign."""
BATCHES = [
    torch.tensor([[0.5, 0.25]], dtype=torch.float64),
    torch.tensor([[0.0, 1.0], [1.0, 1.0]], dtype=torch.float64),
]


def test_by_hand_batch_by_batch() -> None:
    seen: list[tuple[str, list[list[float]]]] = []

    def currents(of: MappedLayer, drives: Iterator[torch.Tensor]) -> Iterator[torch.Tensor]:
        for drive in drives:
            seen.append((of.name, drive.tolist()))
            yield drive @ of.difference

    first, second = walk(NETWORK, BATCHES, currents)
    # 2 x 0.5 + 0.5 and 0.25 - 0.5, cut off at zero, then the bias row; each layer for all batches before the next one.
    assert seen == [
        ("fc1", [[0.5, 0.25]]),
        ("fc1", [[0.0, 1.0], [1.0, 1.0]]),
        ("fc2", [[1.5, 0.0, 1.5]]),
        ("fc2", [[0.5, 1.0, 1.5], [2.5, 0.0, 1.5]]),
    ]
    assert first.tolist() == [[-2.75]]
    assert second.tolist() == [[-2.75], [-3.75]]


def test_drives_are_made_one_batch_at_a_time() -> None:
    def only_the_first(of: MappedLayer, drives: Iterator[torch.Tensor]) -> list[torch.Tensor]:
        return [next(drives) @ of.difference]

    (logits,) = walk(NETWORK, BATCHES, only_the_first)
    assert logits.tolist() == [[-2.75]]
