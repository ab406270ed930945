"""Freed memory: a process that keeps it asks the system for fewer pages, and one without glibc goes on as it is."""

import json
import platform
import subprocess
import sys

import pytest

from hwcore.pipeline.parts import freed_memory

STEPS = """
import json, resource, sys, torch
from hwcore.pipeline.parts.freed_memory import keep_freed_memory
torch.set_num_threads(1)
kept = sys.argv[1] == "kept" and keep_freed_memory()

def step():
    held = [torch.ones(1 << 20) for _ in range(12)]  # 4 MB each

for _ in range(4):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    step()
print(json.dumps([kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before]))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_maps_of_the_next_step_lie_where_those_of_the_last_one_did() -> None:
    faults = {}
    for how in ("given back", "kept"):
        done = subprocess.run([sys.executable, "-c", STEPS, how], capture_output=True, text=True, check=True)
        kept, faults[how] = json.loads(done.stdout)
        assert kept is (how == "kept")
    # 48 MB in four steps are 49,152 pages of 4 kB. Without the call it depends on what lies at the end of the heap.
    assert faults["kept"] < 1_000
    assert faults["kept"] <= faults["given back"] + 100


@pytest.mark.parametrize("refused", [OSError, TypeError, AttributeError])
def test_a_library_without_the_call_is_left_alone(refused: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def library(name: object) -> object:
        raise refused

    monkeypatch.setattr(freed_memory.ctypes, "CDLL", library)
    assert not freed_memory.keep_freed_memory()
