"""The machine: which device to train on, with how many threads, and what was used."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import torch

from hwcore.errors import Fault, InvalidInput
from hwcore.processors import MOST_THREADS, default_threads

PACKAGES = ("mho", "torch", "numpy", "scipy", "scikit-learn", "safetensors", "pydantic")


def choose_device(name: str) -> torch.device:
    """The device of a name: "auto" is CUDA where there is one, else the CPU; otherwise "cpu", "cuda" or "cuda:1".

    Raises:
        InvalidInput: no such device here.
    """
    available = ["auto", "cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in available and not (name == "cuda" and len(available) > 2):
        allowed = ", ".join(available)
        raise InvalidInput([Fault("/device", f"got {name!r}; allowed here: {allowed}", repr(name)[:80], allowed)])
    return torch.device(name)


@contextmanager
def threads_of(count: int | None) -> Iterator[int]:
    """Let torch use this many threads (None: `default_threads`), and restore what was set before.

    The number takes part in the result: sums are split among threads, and floats do not add associatively.
    """
    chosen = default_threads() if count is None else count
    if not 1 <= chosen <= MOST_THREADS:
        allowed = f"a whole number from 1 to {MOST_THREADS}"
        raise InvalidInput([Fault("/threads", f"got {chosen}; allowed: {allowed}", str(chosen), allowed)])
    before = torch.get_num_threads()
    torch.set_num_threads(chosen)
    try:
        # cuDNN would otherwise choose among convolutions that add in another order each time.
        with torch.backends.cudnn.flags(deterministic=True, benchmark=False):
            yield chosen
    finally:
        torch.set_num_threads(before)


def versions() -> dict[str, str]:
    """Versions of everything that takes part in the numbers."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def machine(device: torch.device, threads: int) -> dict[str, object]:
    """Describe the kind of machine: processor, its instruction set as torch sees it, device and threads."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "threads": threads,
    }
