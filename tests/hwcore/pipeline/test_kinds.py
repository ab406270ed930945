"""The table of kinds: every kind of document has its work, and the public call takes any of them."""

from pathlib import Path

import pytest

from hwcore.errors import InvalidInput
from hwcore.pipeline import KINDS, Environment, run, run_in
from hwcore.spec import JOB_KINDS
from tests.hwcore.pipeline.small_jobs import digests, tiny


def test_every_kind_of_document_has_its_work() -> None:
    assert KINDS.keys() == JOB_KINDS.keys()


def test_the_environment_says_what_the_arguments_say(tmp_path: Path) -> None:
    by_name = run(tiny(), tmp_path / "by_name", device="cpu", threads=1)
    by_environment = run_in(Environment(device="cpu", threads=1), tiny(), tmp_path / "by_environment")
    assert by_name == by_environment
    assert digests(tmp_path / "by_name") == digests(tmp_path / "by_environment")
    with pytest.raises(InvalidInput, match=r"^threads: "):
        run_in(Environment(device="cpu", threads=0), tiny(), tmp_path / "none")
