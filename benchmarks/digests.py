"""`python -m benchmarks.digests`: the SHA-256 of every file of some thirty tiny jobs, before a change and after it.

    python -m benchmarks.digests --out before.json
    python -m benchmarks.digests --out after.json --compare before.json

A change that only moves code leaves every byte as it is, on one machine with one set of versions. The second command
names every file that differs, and exits 1 where one does. Half a minute.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import platform
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.figures import commit
from hwcore import pipeline
from hwcore.errors import Cancelled
from hwcore.pipeline.parts.machine import versions
from hwcore.progress import Progress
from hwcore.spec import parse_job

Digests = Mapping[str, Mapping[str, str]]
"""SHA-256 by job and file."""

CELL: dict[str, Any] = {
    "levels": 4,
    "g_max": 5e-5,
    "on_off_ratio": 8,
    "spacing": {"type": "exponential", "curvature": 2},
    "negative": {"gain": 0.8},
}
CHIP: dict[str, Any] = {
    "cell": CELL,
    "activation": {"function": "relu", "bits": 2},
    "input": {"bits": 4},
    "array": {"rows": 30, "cols": 12},
    "noise": {"programming": {"type": "additive", "sigma_ratio": 0.05}},
}
WIRED = {"rows": 32, "cols": 16, "wire_resistance": {"word": 2.0, "bit": 2.0}, "sense_resistance": 20.0}
DRIFT = {"type": "power_law", "exponent": 0.05, "exponent_sigma": 0.02, "t0": 2.0, "compensation": "per_tile"}
READ = {"type": "proportional", "sigma_ratio": 0.03}
EVERYTHING: dict[str, Any] = {
    **CHIP,
    "array": WIRED,
    "adc": {"bits": 6, "range": {"type": "calibrated"}},
    "noise": {
        **CHIP["noise"],
        "stuck_at": {"stuck_on": 0.005, "stuck_off": 0.005},
        "drift": DRIFT,
        "read": READ,
    },
    "calibration": "per_column",
}
CNN = {
    "type": "cnn",
    "convolutions": [
        {"channels": 4, "kernel": 3, "padding": 1, "pool": {"type": "max", "size": 2}},
        {"channels": 6, "kernel": 3},
    ],
    "hidden": [8],
}
RESIDUAL = {"type": "resnet-8", "channels": [3, 4]}
DEPTHWISE = {"type": "ds-cnn", "channels": 4, "blocks": 1}
RECURRENT = {"type": "lstm", "units": 4}
AUTOENCODER = {"type": "fc-autoencoder", "units": 8, "layers": 1, "code": 3}
WHOLE = {**CHIP, "digital": {"accumulator_bits": 16, "scale_bits": 8, "offset_bits": 10}}


def _job(hardware: Any, **more: Any) -> dict[str, Any]:
    return {
        "hardware": hardware,
        "dataset": "digits",
        "model": {"hidden": [12]},
        "training": {"epochs": 2, "batch": 64},
        "evaluation": {"chips": 3},
        **more,
    }


JOBS: Mapping[str, dict[str, Any]] = {
    "mlp": _job(CHIP),
    "cnn": _job(CHIP, model=CNN),
    "cnn_everything": _job({**EVERYTHING, "weights": {"bias": "array_row"}}, model=CNN),
    "bias_row": _job({**CHIP, "weights": {"scale": "per_layer", "bias": "array_row"}}),
    "sign_select": _job({**CHIP, "weights": {"encoding": "sign_select"}}),
    "full_pair": _job({**CHIP, "weights": {"encoding": "full_pair"}}),
    "wires": _job({**CHIP, "array": {**WIRED, "pair_layout": "interleaved"}}),
    "adc": _job({**CHIP, "adc": {"bits": 5}}),
    "adc_full": _job({**CHIP, "adc": {"bits": 6, "range": {"type": "full"}}}),
    "bit_serial": _job({**CHIP, "input": {"bits": 4, "bit_serial": True}, "adc": {"bits": 6}}),
    "drift": _job({**CHIP, "noise": {**CHIP["noise"], "drift": DRIFT}}),
    "phase_change": _job("pcm-joshi-2020"),
    "calibration": _job({**CHIP, "calibration": "per_column"}),
    "straight_through": _job(EVERYTHING, training={"epochs": 2, "batch": 64, "method": "straight_through"}),
    "unnormalized": _job({**CHIP, "activation": {"function": "tanh", "bits": 3}}, model={"normalization": "none"}),
    "everything": _job(EVERYTHING),
    "residual": _job({**EVERYTHING, "weights": {"bias": "array_row", "scale": "per_layer"}}, model=RESIDUAL),
    "depthwise": _job({**EVERYTHING, "array": {**WIRED, "pack_groups": True}}, model=DEPTHWISE),
    "recurrent": _job({**EVERYTHING, "weights": {"bias": "array_row"}}, model=RECURRENT),
    "autoencoder": _job(CHIP, model=AUTOENCODER),
    "whole_numbers": _job({**WHOLE, "adc": {"bits": 6}}, model=RESIDUAL),
    "whole_numbers_without_adc": _job(WHOLE, model=CNN),
    "two_phase": _job(
        {**EVERYTHING, "drive": {"coding": "bit_serial", "signed": "two_phase", "subtract": "digital"}},
        dataset={"type": "named", "name": "digits", "normalization": "per_channel"},
    ),
    "pairs": _job(
        {**EVERYTHING, "drive": {"signed": "pair"}, "weights": {"bias": "array_row"}},
        dataset={"type": "named", "name": "digits", "normalization": "per_channel"},
        model=CNN,
    ),
    "reference": _job(CHIP, training={"epochs": 2, "batch": 64, "reference": "trained_alike"}),
}
"""Every path of the pipeline that has files of its own."""
AGAIN = ("everything", "recurrent")
"""Jobs that are also interrupted and resumed, and also helped by a second process."""


def main(arguments: list[str] | None = None) -> int:
    """Run the jobs, write their digests, and compare; 1 where a file differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.digests", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="file for the digests")
    parser.add_argument("--compare", type=Path, help="digests of another commit, on this machine")
    parser.add_argument("--only", nargs="+", choices=_runs(), help="these jobs alone")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    found: dict[str, dict[str, str]] = {}
    for name, run in _runs().items():
        if options.only is None or name in options.only:
            with tempfile.TemporaryDirectory(prefix="mho-digests-") as folder:
                found[name] = run(Path(folder))
            print(f"{name}: {len(found[name])} files", flush=True)
    machine = {"processor": platform.processor() or platform.machine()}
    document = {"commit": commit(), "machine": machine, "versions": versions(), "jobs": found}
    options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(map(len, found.values()))} files of {len(found)} jobs in {time.perf_counter() - started:.0f} s")
    if options.compare is None:
        return 0
    before = json.loads(options.compare.read_text(encoding="utf-8"))["jobs"]
    faults = differences({name: before[name] for name in before if name in found}, found)
    print("\n".join(faults) or f"the same bytes as {options.compare}")
    return 1 if faults else 0


def _runs() -> dict[str, Callable[[Path], dict[str, str]]]:
    again = {f"{name}_{run.__name__}": partial(run, JOBS[name]) for run in (resumed, helped) for name in AGAIN}
    return {**{name: partial(plainly, document) for name, document in JOBS.items()}, **again}


def plainly(document: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Run a job from beginning to end.

    Args:
        document: the job.
        folder: empty; it is left with the output in it.

    Returns:
        SHA-256 of every file.
    """
    pipeline.run(parse_job(document), folder / "out", device="cpu", threads=1)
    return digests_of(folder / "out")


def resumed(document: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Run a job that ends after its first hardware-aware epoch, and goes on from its checkpoint; as `plainly`."""
    path = folder / "checkpoint"

    def end(progress: Progress) -> None:
        if progress.stage == "hardware_aware":
            raise Cancelled("interrupted")

    job, half, out = parse_job(document), folder / "half", folder / "out"
    with contextlib.suppress(Cancelled):
        pipeline.run(job, half, device="cpu", threads=1, progress=end, checkpoints=pipeline.Checkpoints(path))
    checkpoints = pipeline.Checkpoints(path, resume_from=path)
    pipeline.run(job, out, device="cpu", threads=1, checkpoints=checkpoints)
    manifest = json.loads((folder / "out/manifest.json").read_text(encoding="utf-8"))
    if manifest["run"]["resumed_after"] is None:
        raise RuntimeError("the second run began anew: the checkpoint of the first was not used")
    return digests_of(folder / "out")


def helped(document: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Run a job whose last chips a second process judges; as `plainly`."""
    results: dict[str, list[int]] = {}

    def help_out(names: list[str]) -> None:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            half = names[len(names) // 2 :]
            results.update(pool.apply(_judged, (str(folder / "bundle"), half)))

    offer = pipeline.Offer(folder / "bundle", 1, help_out, results.get)
    pipeline.run(parse_job(document), folder / "out", device="cpu", threads=1, offer=offer)
    manifest = json.loads((folder / "out/manifest.json").read_text(encoding="utf-8"))
    if not results or manifest["run"]["tasks_from_elsewhere"] != len(results):
        raise RuntimeError("the results of the second process were not used")
    return digests_of(folder / "out")


def _judged(bundle: str, names: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    pipeline.chips_of_bundle(pipeline.Bundle.read(Path(bundle)), names, found.__setitem__, threads=1)
    return found


def digests_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its path; of manifest.json without `run`, which says when and where, and `versions`."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.name == "manifest.json":
            manifest = json.loads(content)
            del manifest["run"], manifest["versions"]
            content = json.dumps(manifest).encode()
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def differences(before: Digests, after: Digests) -> list[str]:
    """One line for every file that is on one side alone, or has other bytes."""
    faults = []
    for job in sorted({*before, *after}):
        old, new = before.get(job, {}), after.get(job, {})
        for name in sorted({*old, *new}):
            if name not in new:
                faults.append(f"{job}/{name} is gone")
            elif name not in old:
                faults.append(f"{job}/{name} is new")
            elif old[name] != new[name]:
                faults.append(f"{job}/{name} has other bytes")
    return faults


if __name__ == "__main__":
    raise SystemExit(main())
