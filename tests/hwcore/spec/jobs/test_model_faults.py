"""Models that are refused: the place, what came and what is allowed, in a job and in a request to resolve alike."""

from typing import Any

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import parse_resolve_request
from tests.hwcore.spec.reading.test_faults import JOB, faults_of, with_field


def cnn(*convolutions: dict[str, Any]) -> dict[str, Any]:
    """A convolutional model; each convolution is four channels of 3 x 3 where it does not say otherwise."""
    return {"type": "cnn", "convolutions": [{"channels": 4, "kernel": 3, **each} for each in convolutions]}


MODELS = [
    (
        "/model",
        "lenet5",
        "",
        'unknown value (did you mean "lenet-5"?): got "lenet5"; allowed: one of "lenet-5", "resnet-8",',
    ),
    ("/model", None, "", '"lstm", or an object with "type" one of "mlp", "cnn"'),
    ("/model", {"type": "rnn"}, "/type", 'unknown type (did you mean "cnn"?): got "rnn"; allowed: one of "mlp", "cnn"'),
    ("/model", {"type": None}, "/type", 'got null; allowed: one of "mlp", "cnn"'),
    (
        "/model",
        {"type": "cnn"},
        "/convolutions",
        "missing: got nothing; allowed: a list of 1 to 8 items, each an object",
    ),
    ("/model", {"type": "cnn", "convolutions": []}, "/convolutions", "got []; allowed: a list of 1 to 8 items"),
    # Without a type it is a perceptron, and convolutions say that another one is meant.
    ("/model", {"convolutions": []}, "/type", 'missing: got nothing; allowed: one of "mlp", "cnn"'),
    (
        "/model",
        {"type": "mlp", "convolutions": []},
        "/convolutions",
        'unknown key: got "convolutions"; allowed: the keys type, hidden',
    ),
    ("/model", cnn({"channels": 0}), "/convolutions/0/channels", "got 0; allowed: a whole number from 1 to 1024"),
    ("/model", cnn({"kernel": 12}), "/convolutions/0/kernel", "got 12; allowed: a whole number from 1 to 11"),
    ("/model", cnn({}, {"stride": 0}), "/convolutions/1/stride", "got 0; allowed: a whole number from 1 to 8"),
    ("/model", cnn({"padding": 6}), "/convolutions/0/padding", "got 6; allowed: a whole number from 0 to 5"),
    ("/model", cnn({"dilation": 2}), "/convolutions/0/dilation", "unknown key"),
    ("/model", cnn({"pool": 2}), "/convolutions/0/pool", "an object with the keys type, size, or null"),
    ("/model", cnn({"pool": {"type": "avg"}}), "/convolutions/0/pool/type", 'did you mean "average"?'),
    ("/model", cnn({"pool": {"type": "max", "size": 1}}), "/convolutions/0/pool/size", "a whole number from 2 to 8"),
]

TOO_LARGE = [
    ({"type": "lstm", "units": 2048, "layers": 8}, "units", "the network has 251,744,256 weights: got 2048"),
    ({"type": "resnet-8", "channels": [1024] * 4}, "channels", "the network has 7"),
]


@pytest.mark.parametrize(("model", "field", "words"), TOO_LARGE, ids=lambda value: str(value)[:40])
def test_a_published_network_that_is_too_large_names_the_field_by_which_it_grows(
    model: dict[str, Any], field: str, words: str
) -> None:
    (fault,) = faults_of(with_field("/model", model))
    assert fault.pointer == f"/model/{field}"
    assert words in fault.message


@pytest.mark.parametrize(("pointer", "value", "rest", "words"), MODELS, ids=lambda value: str(value)[:40])
def test_one_fault_with_a_reason(pointer: str, value: Any, rest: str, words: str) -> None:
    (fault,) = faults_of(with_field(pointer, value))
    assert fault.pointer == pointer + rest
    assert words in fault.message


@pytest.mark.parametrize(
    ("model", "pointer", "words"),
    [
        (
            cnn({"kernel": 9}),
            "/model/convolutions/0/kernel",
            "the input of conv1 is 8 x 8 pixels with its padding: got 9; allowed: a whole number from 1 to 8",
        ),
        (
            cnn({"pool": {"type": "max"}}, {"padding": 1, "kernel": 6}),
            "/model/convolutions/1/kernel",
            "the input of conv2 is 5 x 5 pixels with its padding: got 6; allowed: a whole number from 1 to 5",
        ),
        (
            cnn({"pool": {"type": "max", "size": 7}}),
            "/model/convolutions/0/pool/size",
            "the map of conv1 is 6 x 6 pixels: got 7; allowed: a whole number from 2 to 6, or pool null",
        ),
        (
            cnn({"kernel": 8, "pool": {"type": "average", "size": 2}}),
            "/model/convolutions/0/pool/size",
            "the map of conv1 is 1 x 1 pixels: got 2; allowed: pool null",
        ),
        (
            {**cnn({"channels": 1024, "padding": 1}), "hidden": [1024]},
            "/model/hidden",
            "the network has 67,128,320 weights",
        ),
        (
            {**cnn(*[{"channels": 1024}] * 2, *[{"channels": 1024, "kernel": 4, "padding": 3}] * 3), "hidden": []},
            "/model/convolutions/2/channels",
            "weights: got 1024; allowed: at most 50,000,000 weights in all",
        ),
        (
            {**cnn(*[{"channels": 512, "padding": 5}] * 4), "hidden": []},
            "/model/convolutions/3/channels",
            "products per image: got 512; allowed: at most 1,000,000,000 products in all",
        ),
        (
            "lenet-5",
            "/model",
            'the input of conv2 is 4 x 4 pixels with its padding on digits: got "lenet-5"; allowed: a description',
        ),
    ],
)
def test_a_convolutional_network_that_does_not_fit(model: Any, pointer: str, words: str) -> None:
    (fault,) = faults_of({**JOB, "model": model})
    assert fault.pointer == pointer
    assert words in fault.message
    with pytest.raises(InvalidInput) as caught:
        parse_resolve_request({**JOB, "model": model})
    assert caught.value.faults == (fault,)
