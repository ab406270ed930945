"""The training loop: it learns, repeats itself, says when it cannot, and decays weights alone."""

from typing import Any

import pytest
import torch
from torch import nn

from hwcore.errors import Cancelled, TrainingFailed
from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.quant import sharpness_at
from hwcore.spec import Sharpening, Training, dense_graph
from hwcore.training import EpochRecord, Examples, Recipe, accuracy, fit
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.small_examples import digits, drawn, typed

HARDWARE = chip({"levels": 4, "g_max": 1e-5, "on_off_ratio": 8}, activation={"bits": 2})
SCHEDULE = Sharpening()


def on_chip(normalization: Any = "batch", seed: int = 0, widths: tuple[int, ...] = (64, 32, 10)) -> HardwareNetwork:
    return HardwareNetwork(dense_graph(widths, normalization), HARDWARE, generator=torch.Generator().manual_seed(seed))


def in_floats(widths: tuple[int, ...] = (64, 32, 10)) -> FloatNetwork:
    return FloatNetwork(dense_graph(widths), "relu", generator=torch.Generator().manual_seed(0))


def trained(
    network: nn.Module,
    epochs: int = 2,
    order: int = 0,
    examples: tuple[Examples, Examples] | None = None,
    hardware_rate: float | None = None,
    **settings: Any,
) -> list[EpochRecord]:
    training, validation = digits() if examples is None else examples
    schedule = SCHEDULE if isinstance(network, HardwareNetwork) else None
    generator = torch.Generator().manual_seed(order)
    return fit(
        network,
        training,
        validation,
        Recipe(Training(**{"batch": 32, **settings}), epochs, schedule, hardware_learning_rate=hardware_rate),
        generator=generator,
    )


@pytest.mark.parametrize("optimizer", [{"learning_rate": 0.01}, {"optimizer": "sgd", "learning_rate": 0.1}])
def test_floating_point_learns_the_digits(optimizer: dict[str, Any]) -> None:
    network = in_floats()
    curve = trained(network, epochs=6, **optimizer)
    losses = [record.loss for record in curve]
    assert losses[-1] < 0.5 * losses[0]
    assert curve[-1].validation == accuracy(network, digits()[1]) > 0.9
    assert [record.epoch for record in curve] == [1, 2, 3, 4, 5, 6]
    assert all(record.sharpness is None for record in curve)
    assert not network.training


@pytest.mark.parametrize("normalization", ["batch", "none"])
def test_the_chip_learns_the_digits(normalization: str) -> None:
    network = on_chip(normalization)
    curve = trained(network, epochs=8, learning_rate=0.01)
    assert curve[-1].loss < 0.7 * curve[0].loss
    # The last record is that of the network as it is left, with hard values.
    assert curve[-1].validation == accuracy(network, digits()[1]) > 0.85
    sharpnesses = [record.sharpness for record in curve]
    assert sharpnesses == sorted(sharpnesses)  # type: ignore[type-var]
    steps = len(digits()[0]) // 32 * 8
    last = sharpness_at(round((steps - 1) / steps * 128) / 128, SCHEDULE.start, SCHEDULE.end)
    assert sharpnesses[-1] == pytest.approx(last, rel=1e-12)


def test_the_same_seeds_give_the_same_weights_and_others_others() -> None:
    def weights(order: int, seed: int = 0) -> torch.Tensor:
        network = on_chip(seed=seed)
        trained(network, epochs=1, order=order)
        return network.layers[0].theta.detach()

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
    assert not torch.equal(weights(1), weights(1, seed=5))


def test_a_batch_larger_than_the_data_is_all_of_it() -> None:
    few = typed([[0, 3], [3, 0], [1, 3]], [0, 1, 0])
    network = in_floats((2, 2))
    curve = trained(network, epochs=3, examples=(few, few), batch=500)
    assert len(curve) == 3
    # One step an epoch: the same as a batch of just that many.
    same = in_floats((2, 2))
    trained(same, epochs=3, examples=(few, few), batch=3)
    torch.testing.assert_close(network.layers[0].weight, same.layers[0].weight, rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        # The decay drives the latent weights to infinity and beyond, and a weight that is NaN is no level.
        (on_chip("none"), "the loss became nan in epoch 2 with 10; a finite loss is needed"),
        (in_floats(), "the loss became (nan|inf) in epoch 1 with 10; a finite loss is needed"),
    ],
    ids=["on chip", "in floats"],
)
def test_a_learning_rate_beyond_reason_is_said(network: nn.Module, words: str) -> None:
    training, validation = digits()
    huge = Examples(training.codes, 1e18, training.labels, training.input_shape)
    settings = {"optimizer": "sgd", "learning_rate": 10.0, "weight_decay": 1.0}
    with pytest.raises(TrainingFailed, match=f"^training.learning_rate: {words}: lower the learning rate"):
        trained(network, epochs=3, examples=(huge, validation), **settings)


def test_a_learning_rate_of_the_hardware_beyond_reason_is_told_by_its_own_name() -> None:
    training, validation = digits()
    huge = Examples(training.codes, 1e18, training.labels, training.input_shape)
    settings = {"optimizer": "sgd", "learning_rate": 1e-9, "weight_decay": 1.0, "hardware_rate": 9.0}
    words = "^training.hardware_learning_rate: the loss became nan in epoch 2 with 9;"
    with pytest.raises(TrainingFailed, match=words):
        trained(on_chip("none"), epochs=3, examples=(huge, validation), **settings)


def test_weights_that_are_no_numbers_end_the_training_with_its_reason() -> None:
    # As after a step of infinite gradients: everything that the gradients reach is NaN.
    network = on_chip("none")
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(torch.nan)
    with pytest.raises(TrainingFailed, match="the loss became nan"):
        trained(network)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_only_weights_decay(optimizer: str) -> None:
    # Nothing comes in, so nothing but the decay moves weights and scales; biases follow the labels.
    network = on_chip("none", widths=(9, 3, 3))
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    dark = typed([[0] * 9] * 40, [0, 1, 2, 0] * 10)
    trained(network, examples=(dark, dark), optimizer=optimizer, learning_rate=0.01, weight_decay=1.0)
    after = dict(network.named_parameters())
    assert float(after["steps.0.theta"].norm().detach()) < 0.999 * float(before["steps.0.theta"].norm())
    assert torch.equal(after["steps.0.log_scale"], before["steps.0.log_scale"])


def test_the_callback_hears_of_every_epoch_and_may_end_it() -> None:
    heard: list[EpochRecord] = []

    def listen(record: EpochRecord) -> None:
        heard.append(record)
        if record.epoch == 2:
            raise Cancelled("enough")

    examples = drawn(100, 6)
    network = FloatNetwork(dense_graph((6, 3)), "relu")
    recipe, generator = Recipe(Training(batch=50), epochs=5), torch.Generator().manual_seed(0)
    with pytest.raises(Cancelled):
        fit(network, examples, examples, recipe, generator=generator, after_epoch=listen)
    assert [record.epoch for record in heard] == [1, 2]


def test_straight_through_learns_as_well() -> None:
    network = HardwareNetwork(dense_graph((64, 32, 10), "batch"), HARDWARE, method="straight_through")
    assert trained(network, epochs=8, learning_rate=0.01)[-1].validation > 0.85
