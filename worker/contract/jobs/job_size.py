"""Size of a job by its document alone, and the queue that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Whoever has a job has loaded it already; a worker that only reads its settings is spared numpy.
    from hwcore.spec import JobDocument


class JobSize(StrEnum):
    """The queue of a job: some workers may keep to small ones, so that nobody waits for minutes behind hours."""

    SMALL = "small"
    LARGE = "large"


TRAINING_IMAGES: Mapping[str, int] = MappingProxyType(
    {"digits": 1_438, "mnist": 60_000, "emnist-letters": 124_800, "cifar10": 50_000, "fsdd": 2_700}
)
"""Images that one epoch shows the network, in the official splits."""

OTHER_IMAGES = 60_000
"""Training images that a dataset of unknown size counts as."""


def training_work(job: JobDocument, own_images: int | None = None) -> float:
    """Products of a weight and an input in the whole training, counted forwards: an order of magnitude, and no time.

    epochs (floating point, references and hardware-aware) x training images x weights, a kernel's weights once for
    every position.
    Wires, effects and the judging of chips are left out.

    Args:
        job: any job; what it leaves open is counted as `resolved` decides it.
        own_images: training images of the user's own dataset that it names, which no document says.
    """
    work = job.work()
    epochs = work.float_epochs + work.reference_epochs + work.hardware_epochs
    images = TRAINING_IMAGES.get(work.dataset_name, OTHER_IMAGES if own_images is None else own_images)
    return float(epochs) * images * sum(layer.weights * layer.positions for layer in work.plan)


def job_size(job: JobDocument, most_small: float, own_images: int | None = None) -> JobSize:
    """The queue of a job: small where its work is at most `most_small` (`Settings.small_job_work`).

    Args:
        job, own_images: as for `training_work`.
        most_small: products.
    """
    return JobSize.SMALL if training_work(job, own_images) <= most_small else JobSize.LARGE


def parse_queues(text: str) -> tuple[JobSize, ...]:
    """The queues that a list with commas names, in the order of `JobSize`.

    Raises:
        ValueError: it names none, or one that there is not; the message says what came and what is allowed.
    """
    names = {name.strip() for name in text.split(",") if name.strip()}
    if not names or not names <= set(JobSize):
        allowed = ", ".join(JobSize)
        raise ValueError(f"got {text!r}; allowed: one or more of {allowed}, with commas between them")
    return tuple(size for size in JobSize if size in names)
