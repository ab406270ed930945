"""The same job with the same number of threads gives the same bytes, in whatever process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hwcore.pipeline import run
from tests.conftest import REPOSITORY
from tests.hwcore.pipeline.small_jobs import CNN, digests, job

SCRIPT = """
import sys
from pathlib import Path
import torch
from hwcore.pipeline import run
from tests.hwcore.pipeline.small_jobs import CNN, job
torch.rand(int(sys.argv[2]))
run(job(model={"mlp": None, "cnn": CNN}[sys.argv[3]]), Path(sys.argv[1]), device="cpu", threads=1)
# Each of them takes a process that trains for some seconds one second more to load.
assert not {"torch._dynamo", "sympy", "sklearn", "scipy.stats"} & set(sys.modules)
"""


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_two_processes_make_the_same_bytes(tmp_path: Path, model: str) -> None:
    run(job(model=CNN if model == "cnn" else None), tmp_path / "here", device="cpu", threads=1)
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(REPOSITORY)}
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "there"), "1000", model],
        check=True,
        cwd=tmp_path,
        env=environment,
        timeout=120,
    )
    here, there = digests(tmp_path / "here"), digests(tmp_path / "there")
    assert {"report.json", "conductances.npz", "plots/ladder.svg", "netlist/fc1_0_0.sp"} < set(here)
    assert "manifest.json" not in here
    assert here == there
