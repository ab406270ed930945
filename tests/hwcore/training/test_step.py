"""One training step after the other: loss, learning rate, sharpness, what is changed and what is left alone."""

import math
from typing import Any

import pytest
import torch

from hwcore.layers import FloatNetwork, HardwareNetwork, cell_layers, sharpen
from hwcore.quant import sharpness_at
from hwcore.spec import Sharpening, Training, chain_graph, dense_graph, dense_plan
from hwcore.streams import stream
from hwcore.training import Examples, Recipe, TrainingStep, teach
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.small_examples import digits

HARDWARE = chip({"levels": 4, "g_max": 1e-5, "on_off_ratio": 8}, activation={"bits": 2})


def on_chip(normalization: Any = "batch", method: Any = "smooth") -> HardwareNetwork:
    plan = dense_plan((64, 24, 16, 10))
    return HardwareNetwork(chain_graph(plan, normalization), HARDWARE, method=method, generator=stream(0)).train()


def stepping(network: torch.nn.Module, total: int = 60, **settings: Any) -> TrainingStep:
    teacher_logits = settings.pop("teacher_logits", None)
    input_dropout = settings.pop("input_dropout", 0.0)
    hardware_rate = settings.pop("hardware_rate", None)
    examples = settings.pop("examples", digits()[0])
    return TrainingStep(
        network,
        examples,
        Recipe(
            Training(**settings),
            epochs=1,
            schedule=Sharpening() if isinstance(network, HardwareNetwork) else None,
            teacher_logits=teacher_logits,
            input_dropout=input_dropout,
            hardware_learning_rate=hardware_rate,
        ),
        total=total,
        generator=stream(7),
    )


def losses(step: TrainingStep, count: int = 60, batch: int = 64) -> list[float]:
    generator = stream(1)
    return [
        float(step(torch.randint(len(step.examples), (batch,), generator=generator)).detach()) for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("settings", "share"),
    [
        ({}, 0.7),
        ({"optimizer": "sgd", "learning_rate": 0.1}, 0.7),
        # Images that move are harder to learn.
        ({"augmentation": {"shift": 1}}, 0.85),
        ({"input_dropout": 0.2}, 0.8),
        ({"method": "straight_through"}, 0.8),
    ],
    ids=str,
)
def test_the_loss_falls(settings: dict[str, Any], share: float) -> None:
    network = on_chip(method=settings.get("method", "smooth"))
    found = losses(stepping(network, **{"learning_rate": 0.01, **settings}))
    assert sum(found[-10:]) < share * sum(found[:10])
    assert all(math.isfinite(loss) for loss in found)


def test_the_loss_is_that_before_the_step_without_a_gradient() -> None:
    network, chosen = on_chip("none"), torch.arange(32)
    step = stepping(network, label_smoothing=0.0)
    found = step(chosen)
    assert not found.requires_grad
    again = stepping(on_chip("none"), label_smoothing=0.0)
    again.network.requires_grad_(False)
    inputs = digits()[0].inputs(chosen, torch.float32)
    for staircase in (again.network.weight_staircase, again.network.activations["fc1_act"].staircase):
        staircase.sharpen(Sharpening().start)
    expected = torch.nn.functional.cross_entropy(again.network(inputs), digits()[0].labels[chosen])
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("rates", [{"learning_rate": 0.02}, {"learning_rate": 0.5, "hardware_rate": 0.02}], ids=str)
def test_the_learning_rate_falls_along_a_cosine_and_the_steps_are_counted(rates: dict[str, float]) -> None:
    step = stepping(on_chip(), total=40, **rates)
    seen, sharpnesses = [], []
    for number in range(40):
        assert step.done == number
        seen.append([group["lr"] for group in step.optimizer.param_groups])
        step(torch.arange(16))
        sharpnesses.append(step.sharpness)
    assert step.done == step.total == 40
    for number, (weights, others) in enumerate(seen):
        assert weights == others == pytest.approx(0.01 * (1 + math.cos(math.pi * number / 40)), rel=1e-9)
    assert step.optimizer.param_groups[0]["lr"] == pytest.approx(0.0, abs=1e-12)
    schedule = Sharpening()
    expected = [sharpness_at(round(n / 40 * 128) / 128, schedule.start, schedule.end) for n in range(40)]
    assert sharpnesses == pytest.approx(expected, rel=1e-12)


def test_a_network_in_floating_point_has_no_sharpness() -> None:
    step = stepping(FloatNetwork(dense_graph((64, 10)), "relu", generator=stream(0)))
    step(torch.arange(16))
    assert step.sharpness is None


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_scales_and_biases_before_a_normalisation_stay_as_they_are(optimizer: str) -> None:
    network = on_chip("batch")
    step = stepping(network, optimizer=optimizer, learning_rate=0.05, weight_decay=0.5)
    losses(step, count=5)
    hidden, last = list(network.layers[:-1]), network.layers[-1]
    held = {id(parameter) for group in step.optimizer.param_groups for parameter in group["params"]}
    for layer in hidden:
        assert layer.normalized
        assert not held & {id(layer.log_scale), id(layer.bias)}
        assert torch.equal(layer.log_scale, torch.zeros_like(layer.log_scale))
        assert torch.equal(layer.bias, torch.zeros_like(layer.bias))
        assert layer.log_scale.grad is layer.bias.grad is None
    assert not last.normalized
    fresh = on_chip("batch")
    assert float((last.log_scale - fresh.layers[-1].log_scale).abs().max().detach()) > 1e-3
    assert float(last.bias.abs().max().detach()) > 1e-3
    for mine, before in zip(network.layers, fresh.layers, strict=True):
        assert float((mine.theta - before.theta).abs().max().detach()) > 1e-3


def logits_to_learn() -> torch.Tensor:
    network = FloatNetwork(dense_graph((64, 10)), "relu", generator=stream(5))
    return teach(network, digits()[0])


def test_by_the_teacher_alone_the_labels_do_not_matter() -> None:
    training = digits()[0]
    wrong = Examples(training.codes, training.lsb, (training.labels + 1) % 10, training.input_shape)

    def run(examples: Examples, weight: float) -> list[float]:
        distillation = {"weight": weight, "temperature": 2.0}
        step = stepping(on_chip(), examples=examples, teacher_logits=logits_to_learn(), distillation=distillation)
        return losses(step, count=10)

    assert run(training, 1.0) == run(wrong, 1.0)
    assert run(training, 0.5) != run(wrong, 0.5)


def test_a_moved_image_is_taught_as_the_image_that_it_was() -> None:
    seen: list[torch.Tensor] = []
    network, teacher_logits, chosen = on_chip(), logits_to_learn(), torch.arange(40)
    network.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0].clone()))
    alone = {"weight": 1.0, "temperature": 1.0}
    found = stepping(network, teacher_logits=teacher_logits, augmentation={"shift": 1}, distillation=alone)(chosen)
    plain = digits()[0].inputs(chosen, torch.float32)
    # One in nine is not moved at all.
    assert 0 < int((seen[0] == plain).all(1).sum()) < 20
    # The network of the step was read at the first sharpness of the schedule, as this one has to be.
    fresh = on_chip()
    sharpen(fresh, 0.0, Sharpening())
    expected = -(torch.softmax(teacher_logits[chosen], 1) * torch.log_softmax(fresh(seen[0]), 1)).sum(1).mean()
    assert float(found) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_the_same_generators_take_the_same_steps() -> None:
    first, second = (losses(stepping(on_chip(), augmentation={"shift": 1}), count=8) for _ in range(2))
    assert first == second
    assert first != losses(stepping(on_chip()), count=8)


def test_inputs_are_left_out_of_the_step_alone() -> None:
    chosen = torch.arange(32)
    seen: list[torch.Tensor] = []
    network = on_chip("none")
    step = stepping(
        network,
        input_dropout=0.5,
        teacher_logits=teach(FloatNetwork(dense_graph((64, 10)), "relu"), digits()[0]),
    )
    network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
    before = step.examples.codes.clone()
    step(chosen)
    whole = digits()[0].inputs(chosen, torch.float32)
    left_out = (seen[0] == 0) & (whole > 0)
    assert 0.4 < float(left_out.float().sum() / (whole > 0).sum()) < 0.6
    torch.testing.assert_close(seen[0][seen[0] > 0], 2 * whole[seen[0] > 0])
    assert torch.equal(step.examples.codes, before)


def test_latents_are_clipped_after_every_step_where_the_job_asks() -> None:
    beyond = []
    for clip in (None, True):
        network = on_chip()
        step = stepping(network, 60, clip_latents=clip, learning_rate=0.3)
        losses(step, 5)
        beyond.append(max(float(layer.theta.detach().abs().max()) for layer in cell_layers(network)))
    assert beyond[0] > 1.2
    assert beyond[1] == 1.0
