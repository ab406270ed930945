"""The job files in examples/ are valid, and say what the README says of them."""

import json
import re
from pathlib import Path

import pytest

from hwcore.spec import parse_hardware, parse_job, representable
from tests.conftest import REPOSITORY

EXAMPLES = REPOSITORY / "examples"
JOBS = sorted(EXAMPLES.rglob("*.json"))


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.stem)
def test_every_job_file_is_valid_and_writes_its_hardware_out(path: Path) -> None:
    job = parse_job(path.read_bytes())
    assert not isinstance(job.hardware, str)
    assert job.resolved() == job.resolved().resolved()


def test_the_three_jobs_on_handwriting_share_the_cell_of_the_issue() -> None:
    for name in ("mnist", "mnist-per-layer", "emnist"):
        job = parse_job((EXAMPLES / f"{name}.json").read_bytes())
        cell = job.described_hardware.cell
        assert (cell.levels, cell.on_off_ratio, cell.negative.gain) == (4, 8.0, 0.8)
        assert job.described_model.hidden == (512, 512)
        assert len(representable(job.described_hardware).value) == 7


def test_the_description_in_the_readme_is_that_of_the_example() -> None:
    block = re.search(r"```json\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    example = json.loads((EXAMPLES / "mnist.json").read_text(encoding="utf-8"))["hardware"]
    assert (
        parse_hardware(block[1]).resolved().model_copy(update={"cell": parse_hardware(example).resolved().cell})
        == parse_hardware(example).resolved()
    )
    ours, theirs = parse_hardware(block[1]).cell, parse_hardware(example).cell
    assert ours.model_copy(update={"technology": theirs.technology}) == theirs
