"""How a network is trained: defaults, what a resolved job is aware of, and what is refused with which reason."""

from typing import Any

import pytest

from hwcore.errors import Fault, InvalidInput
from hwcore.spec import json_schema, parse_job

CELL = {"levels": 4, "g_max": 5e-5}
NOISY = {"cell": CELL, "noise": {"programming": {"type": "additive", "sigma_ratio": 0.05}}}


def job(training: dict[str, Any], hardware: Any = NOISY) -> Any:
    return parse_job({"hardware": hardware, "dataset": "digits", "training": training})


def faults_of(training: dict[str, Any], hardware: Any = NOISY) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as caught:
        job(training, hardware)
    return caught.value.faults


def test_the_defaults_are_those_of_decisions_0013_and_0073() -> None:
    training = job({}).training
    assert training.augmentation is training.aware_of is None
    assert training.distillation is not None
    assert (training.distillation.weight, training.distillation.temperature) == (0.5, 1.0)
    assert (training.schedule.start, training.schedule.end, training.schedule.hard_from) == (2.0, 8.0, 0.0)
    assert training.schedule.activation_end is None
    assert training.weight_noise == 0.05
    assert (training.epochs, training.epochs_in_floating_point) == (30, 10)
    assert (training.learning_rate, training.hardware_learning_rate) == (0.002, 0.02)
    assert job({"optimizer": "adam"}).training.decay == job({}).resolved().training.weight_decay == 0.05
    assert job({"optimizer": "sgd"}).resolved().training.weight_decay == 0.0
    assert job({"weight_decay": 0.0}).resolved().training.weight_decay == 0.0
    assert job({"distillation": None}).training.distillation is None


def test_epochs_in_floating_point_are_as_many_but_at_most_ten() -> None:
    assert [job({"epochs": epochs}).resolved().training.float_epochs for epochs in (1, 3, 10, 11, 1000)] == [
        1,
        3,
        10,
        10,
        10,
    ]
    assert job({"epochs": 3, "float_epochs": 20}).resolved().training.float_epochs == 20


DIGITS = {"dataset": "digits"}
NUMBERS = {"dataset": {"type": "file", "path": "own.npz"}, "metric": "mean_squared_error"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (DIGITS, (0.2, 0.5, 0.8)),
        (DIGITS | {"model": {"type": "mlp", "hidden": []}}, (0.2, 0.5, 0.8)),
        (DIGITS | {"model": "lenet-5", "dataset": "mnist"}, (0.0, 0.0, 1.0)),
        (DIGITS | {"model": "lstm"}, (0.0, 0.0, 1.0)),
        (DIGITS | {"model": "fc-autoencoder"}, (0.0, 0.0, 1.0)),
        (NUMBERS, (0.0, 0.0, 1.0)),
    ],
)
def test_a_perceptron_that_classifies_is_regularized(document: dict[str, Any], expected: tuple[float, ...]) -> None:
    resolved = parse_job({"hardware": {"cell": CELL}} | document).resolved()
    fields = ("input_dropout", "activation_noise", "initial_range_ratio")
    assert tuple(getattr(resolved.training, field) for field in fields) == expected
    assert parse_job(resolved.model_dump_json()).resolved() == resolved


def test_what_is_said_of_regularization_is_kept() -> None:
    training = job({"input_dropout": 0.0, "initial_range_ratio": 1.0}).resolved().training
    assert (training.input_dropout, training.activation_noise, training.initial_range_ratio) == (0.0, 0.5, 1.0)


def test_what_is_asked_for() -> None:
    training = job(
        {
            "distillation": {"weight": 0.25, "temperature": 4},
            "augmentation": {"shift": 2},
            "schedule": {"hard_from": 0.25},
            "aware_of": ["programming"],
        }
    ).training
    assert (training.distillation.weight, training.distillation.temperature) == (0.25, 4.0)
    assert training.augmentation.shift == 2
    assert training.schedule.hard_from == 0.25
    assert training.aware_of == ("programming",)
    assert (job({"distillation": {}}).training.distillation.weight) == 0.5
    assert (job({"distillation": {}}).training.distillation.temperature) == 1.0


@pytest.mark.parametrize(
    ("given", "hardware", "resolved"),
    [
        (None, NOISY, ("programming",)),
        (["programming"], NOISY, ("programming",)),
        ([], NOISY, ()),
        (None, {"cell": CELL}, ()),
        ([], {"cell": CELL}, ()),
        (None, "rram-generic-3b", ("programming",)),
        (None, "fefet-2b", ()),
        (None, "ideal", ()),
    ],
)
def test_a_resolved_job_names_what_its_training_is_aware_of(given: Any, hardware: Any, resolved: Any) -> None:
    once = job({"aware_of": given}, hardware).resolved()
    assert once.training.aware_of == resolved
    again = parse_job(once.model_dump_json())
    assert again == once == again.resolved()


@pytest.mark.parametrize("hardware", [{"cell": CELL}, {"cell": CELL, "noise": {"programming": None}}, "ideal"])
def test_nobody_is_aware_of_what_the_hardware_does_not_have(hardware: Any) -> None:
    allowed = "an empty list, or null"
    message = f'hardware.noise.programming is null: got "programming"; allowed: {allowed}'
    (fault,) = faults_of({"aware_of": ["programming"]}, hardware)
    assert fault == Fault("/training/aware_of/0", message, '"programming"', allowed)
    with pytest.raises(InvalidInput, match=r"^training\.aware_of\[0\]: hardware\.noise\.programming is null: got"):
        job({"aware_of": ["programming"]}, hardware)


def test_it_is_reported_beside_other_contradictions() -> None:
    document = {
        "hardware": {"cell": CELL, "weights": {"scale": "per_layer"}},
        "dataset": "digits",
        "model": {"normalization": "batch"},
        "training": {"aware_of": ["programming"]},
    }
    with pytest.raises(InvalidInput) as caught:
        parse_job(document)
    assert [fault.pointer for fault in caught.value.faults] == ["/model/normalization", "/training/aware_of/0"]


def test_the_staircase_has_to_sharpen_wherever_it_hardens() -> None:
    (fault,) = faults_of({"schedule": {"start": 5, "end": 5, "hard_from": 0.2}})
    assert fault.pointer == "/training/schedule/end"


def test_the_schema_says_bounds_and_units() -> None:
    models = json_schema("job")["$defs"]
    weight, temperature = (models["Distillation"]["properties"][name] for name in ("weight", "temperature"))
    assert (weight["exclusiveMinimum"], weight["maximum"], weight["default"]) == (0, 1, 0.5)
    assert (temperature["minimum"], temperature["maximum"], temperature["default"]) == (0.1, 100, 1)
    shift = models["Augmentation"]["properties"]["shift"]
    assert (shift["minimum"], shift["maximum"], shift["unit"]) == (1, 4, "pixel")
    assert "shift" in models["Augmentation"]["required"]
    hard_from = models["Sharpening"]["properties"]["hard_from"]
    assert (hard_from["minimum"], hard_from["maximum"], hard_from["default"]) == (0, 1, 0)
    noise = models["Training"]["properties"]["weight_noise"]
    assert (noise["minimum"], noise["maximum"], noise["default"]) == (0, 1, 0.05)
    assert models["Training"]["properties"]["activation_noise"]["unit"] == "step"
    for name, bounds in {
        "input_dropout": (0, 0.9),
        "activation_noise": (0, 4),
        "initial_range_ratio": (0.1, 10),
    }.items():
        field = models["Training"]["properties"][name]
        number = next(each for each in field["anyOf"] if each["type"] == "number")
        assert (number["minimum"], number["maximum"], field["default"]) == (*bounds, None)
    aware_of = models["Training"]["properties"]["aware_of"]
    (effects,) = (each for each in aware_of["anyOf"] if each["type"] == "array")
    assert (effects["maxItems"], effects["uniqueItems"]) == (5, True)
    assert effects["items"]["enum"] == ["programming", "wires", "adc", "read", "drift"]
