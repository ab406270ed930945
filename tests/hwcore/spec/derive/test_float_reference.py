"""Courses of floating-point references: what stays of a job, and what falls away."""

from typing import Any

import pytest

from hwcore.spec import CompileJob, Course, ReferenceChoice, Training, parse_compile_job, reference_course

ALL = ReferenceChoice(0.02)


def job(**training: Any) -> CompileJob:
    hardware = {
        "cell": {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8},
        "activation": {"function": "tanh", "bits": 2},
        "input": {"bits": 4},
        "adc": {"bits": 5},
        "noise": {"programming": {"type": "additive", "sigma_ratio": 0.05}},
    }
    return parse_compile_job({"hardware": hardware, "dataset": "digits", "training": training}).resolved()


def reference(choice: ReferenceChoice, **training: Any) -> Course:
    return reference_course(job(**training).course(), choice)


def test_the_training_is_that_of_the_job() -> None:
    asked = {
        "epochs": 7,
        "float_epochs": 3,
        "batch": 32,
        "input_dropout": 0.2,
        "activation_noise": 0.5,
        "augmentation": {"shift": 1},
        "seed": 5,
    }
    described, found = job(**asked), reference(ALL, **asked)
    changed = {"learning_rate": 0.02, "hardware_learning_rate": None, "activation_noise": 0.0, "aware_of": ()}
    assert found.training == described.training.model_copy(update=changed)
    assert (found.model, found.dataset, found.float_epochs) == (described.described_model, "digits", 3)
    assert found.exact
    assert not described.course().exact


def test_of_the_hardware_the_function_alone_is_left() -> None:
    hardware = reference(ALL).hardware
    assert hardware.activation.function == "tanh"
    assert hardware.activation.bits is None
    assert (hardware.input.bits, hardware.adc, hardware.noise.programming) == (None, None, None)


@pytest.mark.parametrize(("part", "absent"), [("label_smoothing", 0.0), ("weight_noise", 0.0), ("distillation", None)])
def test_a_part_is_the_job_s_or_none(part: str, absent: Any) -> None:
    assert getattr(reference(ALL).training, part) == getattr(job().training, part) != absent
    assert getattr(reference(ALL.without(part)).training, part) == absent


def test_what_the_job_does_not_have_is_no_part() -> None:
    assert ReferenceChoice.first(Training()).parts == ("label_smoothing", "weight_noise", "distillation")
    bare = Training(label_smoothing=0.0, weight_noise=0.0, distillation=None, learning_rate=0.1)
    assert ReferenceChoice.first(bare) == ReferenceChoice(0.1, False, False, False)
    assert ReferenceChoice.first(bare).parts == ()
