import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import digests

TINY: dict[str, Any] = {**digests.JOBS["everything"], "model": {"hidden": [4]}, "evaluation": {"chips": 2}}

RECURRENT: dict[str, Any] = {**digests.JOBS["mlp"], "model": {"type": "lstm", "units": 2}, "evaluation": {"chips": 2}}
BRANCHED: dict[str, Any] = {**digests.JOBS["residual"], "model": {"type": "resnet-8", "channels": [2]}}


@pytest.mark.parametrize("job", [TINY, BRANCHED, RECURRENT], ids=["layers", "branches", "recurrent"])
def test_resumed_and_helped_jobs_leave_the_same_bytes(tmp_path: Path, job: dict[str, Any]) -> None:
    found = {}
    for run in (digests.plainly, digests.resumed, digests.helped):
        folder = tmp_path / run.__name__
        folder.mkdir()
        found[run.__name__] = run(job, folder)
    assert {"manifest.json", "report.json", "conductances.npz"} <= set(found["plainly"])
    assert found["resumed"] == found["helped"] == found["plainly"]


def test_another_seed_is_told_by_file(tmp_path: Path) -> None:
    before = {"job": digests.plainly(TINY, tmp_path / "before")}
    other = {**TINY, "training": {**TINY["training"], "seed": 1}}
    after = {"job": digests.plainly(other, tmp_path / "after")}
    faults = digests.differences(before, after)
    assert "job/weights.safetensors has other bytes" in faults
    assert digests.differences(before, before) == []


def test_files_on_one_side_alone() -> None:
    before, after = {"a": {"x": "1", "y": "2"}}, {"a": {"y": "2", "z": "3"}}
    assert digests.differences(before, after) == ["a/x is gone", "a/z is new"]


def test_the_command_compares_with_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = str(tmp_path / "before.json"), str(tmp_path / "after.json")
    assert digests.main(["--out", before, "--only", "mlp"]) == 0
    assert digests.main(["--out", after, "--only", "mlp", "--compare", before]) == 0
    document = json.loads((tmp_path / "before.json").read_text())
    document["jobs"]["mlp"]["tiles.json"] = "0" * 64
    (tmp_path / "before.json").write_text(json.dumps(document))
    assert digests.main(["--out", after, "--only", "mlp", "--compare", before]) == 1
    assert "mlp/tiles.json has other bytes" in capsys.readouterr().out
