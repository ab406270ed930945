"""Writes aihwkit.json: what aihwkit's models of noise say of a few conductances, its own random numbers set to 0 and 1.

    pip download aihwkit==1.2.0 --no-deps --no-binary :all: && tar xzf aihwkit-1.2.0.tar.gz
    python -m tests.hwcore.devices.golden.write_aihwkit aihwkit-1.2.0

Only its Python files are used: nothing is built. aihwkit works in uS and counts time from t0 = 20 s after the write;
the file has S, and seconds since the write.
"""

import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

FILE = Path(__file__).with_name("aihwkit.json")
SHARES = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
TIMES = (20.0, 21.0, 3600.0, 86400.0, 31536000.0)


def load(root: Path) -> tuple[ModuleType, ModuleType]:
    """The modules of the phase-change and the resistive memories, without the packages that need a build."""
    for name in ("aihwkit", "aihwkit.inference", "aihwkit.inference.noise", "aihwkit.inference.converter"):
        package = ModuleType(name)
        package.__path__ = [str(root / "src" / name.replace(".", "/"))]
        sys.modules[name] = package
    return tuple(importlib.import_module(f"aihwkit.inference.noise.{name}") for name in ("pcm", "reram"))


def drawing(module: ModuleType, xi: float) -> None:
    module.randn_like = lambda like: torch.full_like(like, xi)


def main(root: Path) -> None:
    pcm, reram = load(root)
    g = torch.tensor(SHARES, dtype=torch.float64)
    model, rows = pcm.PCMLikeNoiseModel(g_max=25.0), {}

    def siemens(found: torch.Tensor) -> list[float]:
        return (found * 1e-6).tolist()

    drawing(pcm, 0.0)
    mean = model.generate_drift_coefficients(25 * g)
    drifted = {str(t): siemens(model.apply_drift_noise_to_conductance(25 * g, mean, t - 20)) for t in TIMES}
    drawing(pcm, 1.0)
    zero = torch.zeros_like(g)
    rows["pcm_joshi_2020"] = {
        "g": siemens(25 * g),
        "programming_sigma": siemens(model.apply_programming_noise_to_conductance(25 * g) - 25 * g),
        "exponent_mean": mean.tolist(),
        "exponent_sigma": (model.generate_drift_coefficients(25 * g) - mean).tolist(),
        "drifted": drifted,
        "read_sigma": {
            str(t): siemens(model.apply_drift_noise_to_conductance(25 * g, zero, t - 20) - 25 * g) for t in TIMES
        },
    }
    drawing(reram, 1.0)
    wan: Any = reram.ReRamWan2022NoiseModel(g_max=40.0)
    rows["rram_wan_2022_aihwkit"] = {
        "g": siemens(40 * g),
        "programming_sigma": {
            word: siemens(wan.apply_drift_noise_to_conductance(40 * g, 40 * g, seconds) - 40 * g)
            for word, seconds in (("1_second", 1.0), ("1_day", 86400.0), ("2_days", 172800.0))
        },
    }
    cmo_g = 9 + 79.2 * g
    rows["rram_cmo_2025"] = {"g": siemens(cmo_g), "programming_sigma": {}}
    for word, percent in (("0.2_percent", 0.2), ("2_percent", 2)):
        cmo = reram.ReRamCMONoiseModel(g_max=88.2, g_min=9.0, acceptance_range=percent)
        written = siemens(cmo.apply_programming_noise_to_conductance(cmo_g) - cmo_g)
        rows["rram_cmo_2025"]["programming_sigma"][word] = written
    about = {
        "tool": "aihwkit",
        "version": (root / "src/aihwkit/VERSION.txt").read_text().strip(),
        "command": "python -m tests.hwcore.devices.golden.write_aihwkit aihwkit-1.2.0",
        "date": datetime.now(UTC).date().isoformat(),
        "units": "S, s",
    }
    FILE.write_text(json.dumps({**about, **rows}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
