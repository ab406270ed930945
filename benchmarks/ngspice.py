"""Runs ngspice on a netlist and reads the currents that it prints."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import torch

WHERE = "ngspice is not installed (Debian, Ubuntu: apt install ngspice)"
CURRENT = re.compile(r"^i\(v(pos|neg)_(\d+)\) = (\S+)$", re.MULTILINE)


def installed() -> bool:
    """Tell whether ngspice is installed."""
    return shutil.which("ngspice") is not None


def version() -> str:
    """Return the name and version of ngspice, for example "ngspice-39"."""
    done = subprocess.run(["ngspice", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"ngspice-\S+", done.stdout)
    return found[0] if found else "ngspice"


def currents(text: str, cols: int, *, timeout: float = 600) -> tuple[torch.Tensor, torch.Tensor]:
    """Currents of the positive and of the negative bit lines, A, as `hwcore.export.netlist` has them printed.

    Raises:
        RuntimeError: ngspice did not print them all.
    """
    with tempfile.TemporaryDirectory(prefix="mho-ngspice-") as folder:
        path = Path(folder) / "tile.sp"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(["ngspice", "-b", str(path)], capture_output=True, text=True, timeout=timeout, cwd=folder)
    found = {(sign, int(col)): float(value) for sign, col, value in CURRENT.findall(done.stdout)}
    if len(found) != 2 * cols:
        output = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"ngspice printed {len(found)} currents of {2 * cols}:\n{output}")
    pos, neg = ([found[sign, col] for col in range(cols)] for sign in ("pos", "neg"))
    return torch.tensor(pos, dtype=torch.float64), torch.tensor(neg, dtype=torch.float64)
