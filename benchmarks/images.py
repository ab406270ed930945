"""The images of a case: those of the job, split anew where the experiment holds out another share."""

from __future__ import annotations

from dataclasses import replace

import torch

from benchmarks.cases import Case
from benchmarks.jobs import data_dir
from hwcore.datasets import holdout
from hwcore.pipeline.parts.data import JobData, Views, load_data
from hwcore.training import Examples

JOB_HELD_OUT = 0.1


def images_of(case: Case, device: torch.device) -> JobData:
    """Load the images of a case, or take those of the case before if they are the same."""
    key = (case.job.dataset, case.job.training.seed, case.job.described_hardware.input.bits, case.held_out, case.images)
    return _Kept.get(key, case, device)


class _Kept:
    """The images that were asked for last."""

    key: tuple[object, ...] | None = None
    data: JobData | None = None

    @classmethod
    def get(cls, key: tuple[object, ...], case: Case, device: torch.device) -> JobData:
        if cls.data is None or cls.key != (*key, device):
            cls.data = None
            data = load_data(case.job.course(), data_dir(), device)
            plain = _view(data.plain, case)
            chip = plain if data.chip is data.plain else _view(data.chip, case)
            cls.key, cls.data = (*key, device), replace(data, plain=plain, chip=chip)
        return cls.data


def _view(views: Views, case: Case) -> Views:
    if case.held_out == JOB_HELD_OUT and case.images is None:
        return views
    seed, count = case.job.training.seed, len(views.training) + len(views.validation)
    kept, held = _order(count, seed)
    whole = _whole(views, kept, held)
    count = min(count, case.images or count)
    kept, held = _order(count, seed, case.held_out)
    test = views.test if case.images is None else _some(views.test, torch.arange(min(500, len(views.test))))
    return Views(_some(whole, kept), _some(whole, held), test)


def _order(count: int, seed: int, held_out: float = JOB_HELD_OUT) -> tuple[torch.Tensor, torch.Tensor]:
    kept, held = holdout(count, seed, held_out)
    return torch.from_numpy(kept), torch.from_numpy(held)


def _whole(views: Views, kept: torch.Tensor, held: torch.Tensor) -> Examples:
    """All training images in the order of the file."""
    codes = torch.empty(
        (len(kept) + len(held), *views.training.codes.shape[1:]),
        dtype=views.training.codes.dtype,
        device=views.training.codes.device,
    )
    labels = torch.empty(len(codes), dtype=views.training.labels.dtype, device=codes.device)
    for chosen, part in ((kept, views.training), (held, views.validation)):
        codes[chosen.to(codes.device)], labels[chosen.to(codes.device)] = part.codes, part.labels
    return replace(views.training, codes=codes, labels=labels)


def _some(examples: Examples, chosen: torch.Tensor) -> Examples:
    chosen = chosen.to(examples.codes.device)
    return replace(examples, codes=examples.codes[chosen], labels=examples.labels[chosen])
