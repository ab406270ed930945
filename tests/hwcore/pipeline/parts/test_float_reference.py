"""Floating-point references: how one is searched, and that it is what torch's own modules learn."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from hwcore.errors import TrainingFailed
from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.pipeline import run
from hwcore.pipeline.parts import float_reference
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.float_reference import (
    FloatReference,
    best_of,
    find_reference,
    search_reference,
    train_reference,
)
from hwcore.pipeline.parts.networks import train_float
from hwcore.pipeline.parts.pace import Pace
from hwcore.progress import Progress
from hwcore.spec import MOST_CANDIDATES, CompileJob, ReferenceChoice, Training
from hwcore.streams import HARDWARE_ORDER, stream
from hwcore.training import accuracy
from tests.hwcore.pipeline.small_jobs import CNN, EVERYTHING, digests, job, tiny

pytestmark = pytest.mark.usefixtures("without_checks_of_types")

CPU = torch.device("cpu")
BARE: dict[str, Any] = {
    "epochs": 3,
    "label_smoothing": 0.0,
    "weight_noise": 0.0,
    "distillation": None,
    "input_dropout": 0.0,
    "method": "smooth",
}


def begun(described: CompileJob) -> tuple[FloatNetwork, JobData, Pace]:
    """The network of the first training, the data, and a pace."""
    data, pace = load_data(described.course(), None, CPU), Pace.of(described.work(), None)
    return train_float(described.course(), data, CPU, pace)[0], data, pace


def test_a_search_has_three_rates_then_parts_left_out_then_all_that_did_better() -> None:
    def score(choice: ReferenceChoice) -> float:
        gains = (
            0.01 * (not choice.label_smoothing) + 0.02 * (not choice.weight_noise) - 0.03 * (not choice.distillation)
        )
        return 0.9 - abs(choice.learning_rate - 0.006) + gains

    found = search_reference(Training(learning_rate=0.002), score)
    choices = [candidate.choice for candidate in found]
    first = ReferenceChoice(0.006)
    assert [choice.learning_rate for choice in choices[:3]] == pytest.approx([0.002, 0.006, 0.02])
    assert [choice.without() for choice in choices[3:6]] == [
        first.without(part) for part in ("label_smoothing", "weight_noise", "distillation")
    ]
    assert choices[6:] == [first.without("label_smoothing", "weight_noise")]
    assert len(choices) == MOST_CANDIDATES
    assert best_of(found).choice == choices[6]


def test_of_equal_candidates_the_first_is_taken_and_what_the_job_lacks_is_not_tried() -> None:
    found = search_reference(Training(weight_noise=0.0, distillation=None), lambda _: 0.5)
    assert len(found) == 4
    assert best_of(found).choice == ReferenceChoice.first(Training(weight_noise=0.0, distillation=None))


def test_it_learns_what_torch_learns_from_the_same_batches() -> None:
    described = job(hardware=EVERYTHING, training=BARE).resolved()
    plain, data, pace = begun(described)
    network, curve = train_reference(
        described.course(), ReferenceChoice(0.004, False, False, False), plain, data, CPU, pace
    )

    # Weights over the largest of their column, on torch's own modules; what follows keeps scale and bias.
    first, norm, last = plain.layers[0], plain.norms[0], plain.layers[1]
    spread, largest = (layer.weight.detach().abs().amax(1) for layer in (first, last))
    hidden = nn.Linear(64, 32, bias=False)
    hidden.weight.data = first.weight.detach() / spread[:, None]
    middle = nn.BatchNorm1d(32)
    middle.load_state_dict(norm.state_dict())
    theta = nn.Parameter(last.weight.detach() / largest[:, None])
    log_scale, bias = nn.Parameter(largest.log()), nn.Parameter(last.bias.detach().clone())

    def logits(x: torch.Tensor) -> torch.Tensor:
        return F.linear(torch.relu(middle(hidden(x))), theta) * log_scale.exp() + bias

    groups = [
        {"params": [hidden.weight, theta]},
        {"params": [middle.weight, middle.bias, log_scale, bias], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.004, weight_decay=0.05)
    images, order = data.plain.training, stream(0, HARDWARE_ORDER)
    steps = len(images) // 32
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3 * steps)
    losses = []
    for _ in range(3):
        total = 0.0
        for batch in torch.randperm(len(images), generator=order)[: 32 * steps].split(32):
            loss = F.cross_entropy(logits(images.inputs(batch, torch.float32)), images.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            decay.step()
            total += float(loss.detach())
        losses.append(total / steps)
    assert [record.loss for record in curve] == pytest.approx(losses, rel=2e-3)
    assert [record.sharpness for record in curve] == [None] * 3
    torch.testing.assert_close(network.layers[1].theta, theta, rtol=0, atol=5e-3)


@pytest.mark.parametrize("model", [None, CNN], ids=["dense", "convolutions"])
def test_the_hardware_changes_nothing_of_it(model: Any) -> None:
    def reference(**hardware: Any) -> HardwareNetwork:
        described = job(hardware={**EVERYTHING, **hardware}, model=model, training={"epochs": 1}).resolved()
        plain, data, pace = begun(described)
        return train_reference(described.course(), ReferenceChoice(0.006), plain, data, CPU, pace)[0]

    one, other = reference(), reference(cell={"levels": 2, "g_max": 1e-6}, input={"bits": 1}, activation={"bits": 1})
    assert all(torch.equal(*pair) for pair in zip(one.parameters(), other.parameters(), strict=True))


def test_the_one_that_is_found_is_the_best_of_all_that_were_tried() -> None:
    described = job(training={"epochs": 1}).resolved()
    plain, data, pace = begun(described)
    found = find_reference(described.course(), plain, data, CPU, pace)
    network, best = found.network, found.chosen
    assert len(found.candidates) in (6, 7)
    assert best.validation == max(candidate.validation for candidate in found.candidates)
    assert accuracy(network, data.plain.validation) == best.validation
    again, _ = train_reference(described.course(), best.choice, plain, data, CPU, pace)
    assert all(torch.equal(*pair) for pair in zip(network.parameters(), again.parameters(), strict=True))
    assert len(found.curve) == 1


def diverging(rate: float) -> FloatReference:
    training = {"epochs": 1, "optimizer": "sgd", "learning_rate": rate}
    described = job(training=training, model={"hidden": [16], "normalization": "none"}).resolved()
    plain, data, pace = begun(described)
    return find_reference(described.course(), plain, data, CPU, pace)


def test_a_candidate_that_diverges_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    # Ten times the rate of the first training is too much, and the rate itself is not.
    found = diverging(0.3)
    assert found.candidates[2].validation == -math.inf
    assert found.chosen.validation > 0.8

    def fail(*_: object) -> None:
        raise TrainingFailed("all of them")

    monkeypatch.setattr(float_reference, "train_reference", fail)
    with pytest.raises(TrainingFailed, match="all of them"):
        diverging(0.3)


def test_the_rung_float_of_a_job_is_the_reference_if_it_asks_for_one(tmp_path: Path) -> None:
    described = job(training={"epochs": 1, "reference": "trained_alike"}, model={"hidden": [16]})
    heard: list[Progress] = []
    report = run(described, tmp_path / "out", device="cpu", threads=1, progress=heard.append)
    plain, data, pace = begun(described.resolved())
    network = find_reference(described.resolved().course(), plain, data, CPU, pace).network
    assert report["ladder"][0]["accuracy"] == accuracy(network, data.plain.test)
    tried = report["reference"]["candidates"]
    assert len(tried) in (6, 7)
    best = max(tried, key=lambda each: each["held_out"])
    assert all(report["reference"][name] == best[name] for name in best if name != "held_out")
    assert len(report["curves"]["float_reference"]) == 1
    stages = list(dict.fromkeys(each.stage for each in heard))
    assert stages[2 : 2 + len(tried)] == [f"float_reference_{number}" for number in range(1, 1 + len(tried))]
    fractions = [each.fraction for each in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_the_network_on_the_chip_is_the_same_with_and_without(tmp_path: Path) -> None:
    plain = tiny()
    training = plain.training.model_copy(update={"reference": "trained_alike"})
    files = []
    for number, each in enumerate((plain, plain.model_copy(update={"training": training}))):
        out = tmp_path / str(number)
        run(each, out, device="cpu", threads=1)
        files.append(digests(out))
    changed = {name for name in files[0] if files[0][name] != files[1][name]}
    assert changed == {"report.json", "plots/ladder.svg", "plots/training.svg"}
