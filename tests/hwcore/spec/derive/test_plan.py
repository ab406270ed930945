"""The layers of a network as the arrays see them: LeNet-5 and odd shapes, by hand and against torch."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from hwcore.spec import (
    Convolution,
    Pool,
    dense_graph,
    dense_plan,
    described_model,
    network_graph,
    network_plan,
    parse_job,
    plan_text,
)
from hwcore.spec.graph.networks.cnn import pooled_map, window_of


def test_lenet_5_on_mnist() -> None:
    plan = network_plan(described_model("lenet-5"), "mnist")
    assert [(layer.name, layer.kind, layer.inputs, layer.outputs, layer.positions) for layer in plan] == [
        ("conv1", "conv", 25, 6, 784),
        ("conv2", "conv", 150, 16, 100),
        ("fc1", "dense", 400, 120, 1),
        ("fc2", "dense", 120, 84, 1),
        ("fc3", "dense", 84, 10, 1),
    ]
    assert [(layer.in_shape, layer.out_shape) for layer in plan[:3]] == [
        ((1, 28, 28), (6, 28, 28)),
        ((6, 14, 14), (16, 10, 10)),
        ((400,), (120,)),
    ]
    # Biases not counted, they are digital: LeCun et al. count 61,706 with them and every map connected.
    assert sum(layer.weights for layer in plan) == 61706 - (6 + 16 + 120 + 84 + 10)
    assert plan_text(network_graph(described_model("lenet-5"), "mnist")) == "1x28x28-6x14x14-16x5x5-120-84-10"


def test_the_preset_is_written_out_when_the_job_is_resolved() -> None:
    job = parse_job({"hardware": "ideal", "dataset": "mnist", "model": "lenet-5"})
    assert job.model == "lenet-5"
    resolved = job.resolved()
    assert not isinstance(resolved.model, str)
    assert resolved.model == job.described_model.model_copy(update={"normalization": "batch"})
    assert resolved.plan == job.plan
    assert parse_job(resolved.model_dump_json()).resolved() == resolved


def test_dense_layers_are_named_from_input_to_output() -> None:
    plan = dense_plan((784, 512, 10))
    assert [(layer.name, layer.inputs, layer.outputs) for layer in plan] == [("fc1", 784, 512), ("fc2", 512, 10)]
    assert plan_text(dense_graph((784, 512, 10))) == "784-512-10"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 11),
    st.integers(1, 8),
    st.integers(0, 5),
    st.one_of(st.none(), st.integers(2, 8)),
)
def test_shapes_are_those_of_torch(
    channels: int, height: int, width: int, kernel: int, stride: int, padding: int, size: int | None
) -> None:
    pool = None if size is None else Pool(type="max", size=size)
    convolution = Convolution(channels=2, kernel=kernel, stride=stride, padding=padding, pool=pool)
    window = window_of(convolution, (channels, height, width))
    assume(min(window.padded) >= kernel)
    assume(size is None or min(window.map) >= size)
    found = nn.Conv2d(channels, 2, kernel, stride, padding)(torch.zeros(1, channels, height, width))
    assert tuple(found.shape[2:]) == window.map
    pooled = found if size is None else nn.MaxPool2d(size)(found)
    assert tuple(pooled.shape[2:]) == pooled_map(convolution, window)
    unfolded = nn.Unfold(kernel, padding=padding, stride=stride)(torch.zeros(1, channels, height, width))
    assert unfolded.shape[1:] == (window.rows, window.map[0] * window.map[1])


def test_a_dense_layer_has_one_position_and_nothing_that_moves() -> None:
    (layer,) = dense_plan((20, 4))
    window = layer.window
    assert (window.moves, window.rows, window.positions, window.middle) == (False, 20, 1, 0)
    assert (window.map, layer.in_shape, layer.out_shape) == ((), (20,), (4,))


@pytest.mark.parametrize("model", [{"hidden": [4]}, {"type": "mlp", "hidden": [4]}])
def test_a_model_without_a_type_is_a_perceptron_as_ever(model: dict[str, object]) -> None:
    assert plan_text(parse_job({"hardware": "ideal", "dataset": "digits", "model": model}).graph) == "64-4-10"
