"""What training minimises: by hand, with and without a teacher, and where its gradient vanishes."""

import math
from typing import Any

import pytest
import torch

from hwcore.spec import Distillation
from hwcore.training.objective import objective, regression_objective

LOGITS = torch.tensor([[0.0, math.log(3.0)], [math.log(4.0), 0.0]], dtype=torch.float64)
"""Probabilities of 1/4 and 3/4, then of 4/5 and 1/5."""
TAUGHT = torch.tensor([[0.0, 0.0], [math.log(9.0), 0.0]], dtype=torch.float64)
"""1/2 and 1/2, then 9/10 and 1/10; at temperature 2 the second are 3/4 and 1/4."""
LABELS = torch.tensor([1, 1])


def loss(smoothing: float = 0.0, taught: torch.Tensor | None = TAUGHT, **distillation: Any) -> float:
    chosen = Distillation(**distillation) if distillation else None
    return float(objective(LOGITS, LABELS, taught, label_smoothing=smoothing, distillation=chosen))


def mean(*terms: float) -> float:
    return sum(terms) / len(terms)


BY_LABELS = mean(-math.log(3 / 4), -math.log(1 / 5))
BY_TEACHER = mean(
    -(math.log(1 / 4) + math.log(3 / 4)) / 2,
    -0.9 * math.log(4 / 5) - 0.1 * math.log(1 / 5),
)


def test_the_labels_alone() -> None:
    assert loss() == pytest.approx(BY_LABELS, rel=1e-12)
    # Two classes: half of the smoothing goes to the other one.
    smoothed = mean(-0.95 * math.log(3 / 4) - 0.05 * math.log(1 / 4), -0.95 * math.log(1 / 5) - 0.05 * math.log(4 / 5))
    assert loss(0.1) == pytest.approx(smoothed, rel=1e-12)
    # Without a teacher there is none to learn from, whatever the settings say.
    assert loss(0.1, taught=None, weight=1.0, temperature=2.0) == pytest.approx(smoothed, rel=1e-12)


def test_the_teacher_alone() -> None:
    assert loss(weight=1.0) == pytest.approx(BY_TEACHER, rel=1e-12)
    # Then neither labels nor their smoothing matter.
    assert loss(0.5, weight=1.0) == loss(0.0, weight=1.0)


def test_both_by_their_weight() -> None:
    assert loss(weight=0.3) == pytest.approx(0.7 * BY_LABELS + 0.3 * BY_TEACHER, rel=1e-12)


def test_a_temperature_by_hand() -> None:
    # Half the logits: 1 / (1 + sqrt 3) and sqrt 3 / (1 + sqrt 3), then 2/3 and 1/3; four times the loss.
    low = 1 / (1 + math.sqrt(3))
    soft = mean(
        -(math.log(low) + math.log(1 - low)) / 2,
        -0.75 * math.log(2 / 3) - 0.25 * math.log(1 / 3),
    )
    assert loss(weight=1.0, temperature=2.0) == pytest.approx(4 * soft, rel=1e-12)
    assert loss(weight=0.5, temperature=2.0) == pytest.approx(0.5 * BY_LABELS + 2 * soft, rel=1e-12)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 7.0])
def test_a_pupil_that_is_its_teacher_has_nothing_to_learn(temperature: float) -> None:
    z = torch.randn(20, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    labels, chosen = torch.arange(20) % 10, Distillation(weight=1.0, temperature=temperature)

    def gradient(of: torch.Tensor) -> torch.Tensor:
        pupil = of.clone().requires_grad_()
        found = objective(pupil, labels, z, label_smoothing=0.1, distillation=chosen)
        return torch.autograd.grad(found, pupil)[0]

    assert float(gradient(z).abs().max()) < 1e-15
    # The logits are known up to a number for all classes.
    assert float(gradient(z + 3.0).abs().max()) < 1e-15
    assert float(gradient(1.1 * z).abs().max()) > 1e-4


def test_the_gradient_keeps_its_size_at_high_temperature() -> None:
    z, taught = LOGITS.clone().requires_grad_(), 1.3 * LOGITS
    found = [
        torch.autograd.grad(
            objective(z, LABELS, taught, label_smoothing=0.0, distillation=Distillation(temperature=t)), z
        )[0]
        for t in (50.0, 100.0)
    ]
    torch.testing.assert_close(found[0], found[1], rtol=1e-3, atol=0)
    assert float(found[0].abs().max()) > 0.01


def test_numbers_are_learned_from_targets_and_teacher_by_hand() -> None:
    y, t = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 0.0]])
    taught = torch.tensor([[1.0, 0.0]])
    alone = regression_objective(y, t, None, distillation=Distillation(weight=0.25))
    assert float(alone) == 2.5
    assert float(regression_objective(y, t, taught, distillation=None)) == 2.5
    assert float(regression_objective(y, t, taught, distillation=Distillation(weight=0.25))) == 0.75 * 2.5 + 0.25 * 2
