from __future__ import annotations

from typing import Any

import pytest

from hwcore.datasets.digits import bundled_digits
from hwcore.datasets.fsdd import TRAINING
from hwcore.datasets.official import CIFAR10, EMNIST_LETTERS, MNIST
from hwcore.spec import parse_job
from hwcore.spec.derive.estimate import IMAGES
from worker.contract import JobSize, Settings, job_size
from worker.contract.jobs.job_size import TRAINING_IMAGES, parse_queues, training_work


def work(dataset: str = "digits", **more: Any) -> float:
    return training_work(parse_job({"hardware": "ideal", "dataset": dataset, **more}))


def test_epochs_times_images_times_weights() -> None:
    training = {"epochs": 3, "float_epochs": 2}
    assert work(model={"hidden": [8]}, training=training) == (3 + 2) * 1_438 * (64 * 8 + 8 * 10)


def test_floating_point_takes_as_many_epochs_where_nothing_is_said() -> None:
    assert work(training={"epochs": 4}) == work(training={"epochs": 4, "float_epochs": 4})


def test_a_kernel_counts_once_for_every_position() -> None:
    model = {"type": "cnn", "convolutions": [{"channels": 2, "kernel": 3}], "hidden": []}
    assert work(model=model, training={"epochs": 1}) == 2 * 1_438 * (9 * 2 * 6 * 6 + 2 * 6 * 6 * 10)


def test_the_default_jobs_of_digits_are_small_and_those_of_mnist_large() -> None:
    most = Settings().small_job_work
    for dataset, size in (("digits", JobSize.SMALL), ("mnist", JobSize.LARGE), ("emnist-letters", JobSize.LARGE)):
        assert job_size(parse_job({"hardware": "ideal", "dataset": dataset}), most) is size


def test_the_limit_itself_is_small() -> None:
    job = parse_job({"hardware": "ideal", "dataset": "digits"})
    assert job_size(job, training_work(job)) is JobSize.SMALL
    assert job_size(job, training_work(job) - 1) is JobSize.LARGE


def test_own_data_count_as_many_images_as_they_are() -> None:
    contents = {"sha256": "0" * 64, "height": 8, "width": 8, "classes": 10}
    own = {"type": "uploaded", "id": "01900000-0000-7000-8000-000000000000", "contents": contents}
    job = parse_job({"hardware": "ideal", "dataset": own})
    digits = parse_job({"hardware": "ideal", "dataset": "digits"})
    assert training_work(job, 1_438) == training_work(digits)
    assert training_work(job) == training_work(digits) * 60_000 / 1_438
    most = training_work(digits)
    assert (job_size(job, most, 1_438), job_size(job, most, 1_439)) == (JobSize.SMALL, JobSize.LARGE)
    # A dataset that everybody has is as large as it is.
    assert training_work(digits, 5) == training_work(digits)


def test_the_numbers_of_images_are_those_of_the_datasets() -> None:
    counts = {"digits": len(bundled_digits().train_labels), "mnist": MNIST.train_count}
    counts |= {"emnist-letters": EMNIST_LETTERS.train_count, "cifar10": CIFAR10.train_count, "fsdd": TRAINING}
    assert counts == TRAINING_IMAGES == {name: training for name, (training, _) in IMAGES.items()}


@pytest.mark.parametrize(
    ("text", "queues"),
    [
        ("small", (JobSize.SMALL,)),
        (" large , small,", (JobSize.SMALL, JobSize.LARGE)),
        ("large,large", (JobSize.LARGE,)),
    ],
)
def test_a_list_of_queues(text: str, queues: tuple[JobSize, ...]) -> None:
    assert parse_queues(text) == queues


@pytest.mark.parametrize("text", ["", ",", "medium", "small;large"])
def test_a_list_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: one or more of small, large"):
        parse_queues(text)
