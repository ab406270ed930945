"""The facts of each dataset agree with themselves and with what a job may name."""

from typing import get_args

import pytest

from hwcore.spec import DATASET_NAMES, DATASETS, DatasetName


def test_the_names_a_job_may_use_are_those_with_facts() -> None:
    assert tuple(DATASETS) == DATASET_NAMES == get_args(DatasetName)


@pytest.mark.parametrize(
    ("name", "inputs", "classes"),
    [("digits", 64, 10), ("mnist", 784, 10), ("emnist-letters", 784, 26), ("cifar10", 3072, 10), ("fsdd", 490, 10)],
)
def test_shapes(name: str, inputs: int, classes: int) -> None:
    facts = DATASETS[name]
    assert (facts.name, facts.inputs, facts.classes) == (name, inputs, classes)
    assert facts.input_shape[1:] == facts.image_shape
    assert facts.input_shape[0] == {"cifar10": 3, "fsdd": 10}.get(name, 1)
    assert facts.signed is (name == "fsdd")
