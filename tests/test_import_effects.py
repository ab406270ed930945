"""Importing has no effects, and what the server needs does not load torch. Each case runs in a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

TORCH_FREE = (
    "hwcore.errors",
    "hwcore.units",
    "hwcore.progress",
    "hwcore.spec",
    "hwcore.uploads",
    "hwcore.datasets",
    "worker.contract",
    "app.main",
    "app.cli",
)

PROBE = """
import importlib, logging, os, sys, threading, warnings
warnings.simplefilter("error")
before = dict(os.environ)
for name in sys.argv[2:]:
    importlib.import_module(name)
if sys.argv[1] == "torch-free":
    assert "torch" not in sys.modules, "torch was loaded"
assert dict(os.environ) == before, "the environment was changed"
assert not logging.getLogger().handlers, "logging was set up"
assert threading.active_count() == 1, "a thread was started"
"""


def run_probe(folder: Path, *arguments: str) -> None:
    """Import the named modules in a new interpreter that stands in an empty folder."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", TORCH_FREE)
def test_imports_without_torch_and_without_effects(tmp_path: Path, name: str) -> None:
    run_probe(tmp_path, "torch-free", name)


def test_the_science_imports_without_effects(tmp_path: Path) -> None:
    run_probe(tmp_path, "any", "hwcore.pipeline", "worker.run.run_attempt")


def test_the_probe_finds_torch(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="torch was loaded"):
        run_probe(tmp_path, "torch-free", "torch")
