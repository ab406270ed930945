"""Score of a network on labelled examples by their metric: the larger, the better."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hwcore.training.batches import images_at_once
from hwcore.training.examples import Examples, accuracy
from hwcore.training.reconstruction import ordered_pairs, squared_errors


@torch.no_grad()
def metric_score(network: nn.Module, examples: Examples) -> float:
    """Accuracy; area under the ROC curve; or R^2 = 1 - sum (y - t)^2 / sum (t - mean t)^2, the part that is explained.

    An autoencoder is scored by R^2 as well where the examples are all normal or all anomalous: there is no pair to be
    put in order. Values are hard, and the network is left in the mode it was in.

    Args:
        network: to be scored.
        examples: held out.
    """
    if examples.metric == "accuracy":
        return accuracy(network, examples)
    mode = network.training
    network.eval()
    batch = images_at_once(network)
    parts = (slice(first, first + batch) for first in range(0, len(examples), batch))
    found = [_errors(network, examples, part) for part in parts]
    network.train(mode)
    errors = torch.cat([each for each, _ in found])
    if examples.metric == "roc_auc":
        anomalous = examples.labels > 0
        pairs = int(anomalous.sum()) * int((~anomalous).sum())
        if pairs:
            return ordered_pairs(errors, anomalous) / (2 * pairs)
    spread = torch.cat([each for _, each in found]).double()
    total = float((spread - spread.mean(0)).square().mean())
    return 1.0 - float(errors.double().mean()) / total if total > 0 else -float(errors.double().mean())


def _errors(network: nn.Module, examples: Examples, part: slice) -> tuple[Tensor, Tensor]:
    """Squared errors of a part, and its targets."""
    inputs = examples.inputs(part, torch.float32)
    targets = examples.targets(part, inputs)
    return squared_errors(network(inputs), targets), targets
