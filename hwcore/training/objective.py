"""Objective of training: the loss of the labels, and with it that of the floating-point network."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor

from hwcore.spec import Distillation


def regression_objective(
    outputs: Float[Tensor, "batch outputs"],
    targets: Float[Tensor, "batch outputs"],
    teacher_outputs: Float[Tensor, "batch outputs"] | None,
    *,
    distillation: Distillation | None,
) -> Float[Tensor, ""]:
    """(1 - w) mean (y - t)^2 + w mean (y - y_teacher)^2 over batch and outputs.

    Args:
        outputs: y of the network that is trained.
        targets: t.
        teacher_outputs: y_teacher; None: from the targets alone.
        distillation: w; its temperature is one of classes, and has no part here.
    """
    loss = F.mse_loss(outputs, targets)
    if teacher_outputs is None or distillation is None:
        return loss
    return (1 - distillation.weight) * loss + distillation.weight * F.mse_loss(outputs, teacher_outputs)


def objective(
    logits: Float[Tensor, "batch classes"],
    labels: Int64[Tensor, " batch"],
    teacher_logits: Float[Tensor, "batch classes"] | None,
    *,
    label_smoothing: float,
    distillation: Distillation | None,
) -> Float[Tensor, ""]:
    """(1 - w) H(labels, z) + w T^2 H(softmax(z_teacher / T), softmax(z / T)), the mean over the batch, nats.

    Args:
        logits: z of the network that is trained.
        labels: classes from 0.
        teacher_logits: z_teacher; None: from the labels alone.
        label_smoothing: share of each label that is spread evenly over all classes.
        distillation: w and T; not used without `teacher_logits`.

    Source: G. Hinton, O. Vinyals, J. Dean 2015, arXiv:1503.02531.
    """
    if teacher_logits is None or distillation is None:
        return F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    weight, temperature = distillation.weight, distillation.temperature
    if temperature == 1:
        # The cross-entropy is linear in its target: one with the mixed target is the sum of the two.
        target = (
            torch.softmax(teacher_logits, dim=1).mul_(weight).add_((1 - weight) * label_smoothing / logits.shape[1])
        )
        of_label = torch.full_like(target[:, :1], (1 - weight) * (1 - label_smoothing))
        return F.cross_entropy(logits, target.scatter_add_(1, labels[:, None], of_label))
    # The gradient of the second term falls as 1 / T^2; the factor keeps the two terms in proportion.
    loss = (
        weight
        * temperature**2
        * F.cross_entropy(logits / temperature, torch.softmax(teacher_logits / temperature, dim=1))
    )
    if weight < 1:
        loss = loss + (1 - weight) * F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    return loss
