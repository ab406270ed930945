"""The images of a case: another share held out, none lost, none in two places."""

from dataclasses import replace

import torch

from benchmarks.cases import Case
from benchmarks.images import images_of
from hwcore.spec import parse_job

HARDWARE = {"cell": {"levels": 4, "g_max": 5e-5}, "input": {"bits": 2}}


def case(held_out: float, images: int | None = None) -> Case:
    job = parse_job({"dataset": "digits", "hardware": HARDWARE, "training": {"seed": 3}}).resolved()
    return Case("corners", "none", "smooth", 3, job, held_out, images)


def test_another_share_is_held_out() -> None:
    device = torch.device("cpu")
    tenth, fifth = images_of(case(0.1), device), images_of(case(0.2), device)
    count = len(tenth.plain.training) + len(tenth.plain.validation)
    assert len(fifth.plain.validation) == round(0.2 * count)
    assert len(fifth.plain.training) + len(fifth.plain.validation) == count
    assert torch.equal(fifth.plain.test.codes, tenth.plain.test.codes)

    def whole(data: object, view: str) -> torch.Tensor:
        views = getattr(data, view)
        codes = torch.cat([views.training.codes, views.validation.codes])
        return torch.cat([codes, torch.cat([views.training.labels, views.validation.labels])[:, None]], dim=1)

    for view in ("plain", "chip"):
        ours, theirs = (sorted(map(tuple, whole(data, view).tolist())) for data in (fifth, tenth))
        assert ours == theirs


def test_a_check_run_takes_fewer() -> None:
    few = images_of(case(0.1, 100), torch.device("cpu"))
    assert (len(few.chip.training), len(few.chip.validation)) == (90, 10)
    assert len(replace(few).chip.test) <= 500
