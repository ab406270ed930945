"""Trains and judges one case: the row of the table."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from benchmarks.brevitas_rows import train_brevitas
from benchmarks.cases import Case
from benchmarks.figures import commit
from benchmarks.float_networks import FloatNetwork, budgets, float_network, source_digest
from benchmarks.images import images_of
from benchmarks.peers.peak_memory import forget_peak, peak_resident
from hwcore.layers import map_network
from hwcore.pipeline.evaluate import Networks, evaluate
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.machine import machine, versions
from hwcore.pipeline.parts.networks import rounded, train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.report import Rung
from hwcore.training import accuracy


def measure_case(case: Case, scratch: Path, device: torch.device, peers_python: str | None) -> dict[str, Any]:
    """Train one case from its floating-point network and judge it on the test set, once.

    Returns:
        accuracy (test) and validation: fractions, by stage; loss_points: below the float network of the same total
        budget; loss_from_start_points: below the one that it started from; epochs, seconds, peak_bytes; where and from
        what it was measured.
    """
    forget_peak()
    start, whole = (float_network(case, epochs, scratch, device) for epochs in budgets(case))
    started = time.perf_counter()
    data = images_of(case, device)
    if case.peer:
        found = train_brevitas(case, start, data, scratch, peers_python)
    else:
        found = _train_ours(case, start, data, device)
    found["accuracy"] = {"float": whole.test, "float_start": start.test, **found["accuracy"]}
    found["validation"] = {"float": whole.validation, "float_start": start.validation, **found["validation"]}
    aware = found["accuracy"]["hardware_aware"]
    return {
        "key": case.key,
        **found,
        "loss_points": 100 * (whole.test - aware),
        "loss_from_start_points": 100 * (start.test - aware),
        "test_images": len(data.plain.test),
        "epochs": {"float_start": start.epochs, "hardware_aware": case.job.training.epochs, "float": whole.epochs},
        "seconds": round(time.perf_counter() - started, 1),
        "float_seconds": {"float_start": start.seconds, "float": whole.seconds},
        "peak_bytes": found.get("peak_bytes") or peak_resident(),
        "job": case.job.model_dump(mode="json", exclude={"name", "labels"}),
        "commit": commit(),
        "hwcore": source_digest(),
        "machine": machine(device, torch.get_num_threads()),
        "versions": {**versions(), **found.get("versions", {})},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _train_ours(case: Case, start: FloatNetwork, data: JobData, device: torch.device) -> dict[str, Any]:
    job = case.job
    pace = Pace.of(job.work(), None)
    trained: Any = start.network.to(device)
    started = time.perf_counter()
    aware, curve = train_hardware(job.course(), trained, data, device, pace)
    training_seconds = time.perf_counter() - started
    full_range = rounded(job.course(), trained, data, device, "full_range")
    least_error = rounded(job.course(), trained, data, device, "least_error")
    networks = Networks(trained, full_range, least_error, aware, map_network(aware))
    judged = evaluate(job.examination(), job.training, networks, data, pace)
    ladder = {rung.stage.text: rung for rung in judged.ladder}
    found: dict[str, Any] = {
        "accuracy": {
            "rounded_full_range": judged.rounding.full_range,
            "rounded_least_error": judged.rounding.least_error,
            "hardware_aware": ladder["hardware_aware"].accuracy,
        },
        "validation": {
            "rounded_full_range": accuracy(full_range, data.chip.validation),
            "rounded_least_error": accuracy(least_error, data.chip.validation),
            "hardware_aware": accuracy(aware, data.chip.validation),
        },
        "training_seconds": round(training_seconds, 1),
        "curve": [round(record.validation, 4) for record in curve],
    }
    if job.described_hardware.noise.programming is not None:
        # Plain training on the array: the network that ours started from, written with the same noise.
        naive = Networks(trained, full_range, full_range, full_range, map_network(full_range))
        ladder_of_plain = evaluate(job.examination(), job.training, naive, data, pace).ladder
        plain = {rung.stage.text: rung for rung in ladder_of_plain}["programming"]
        found["chips"] = {"rounded_full_range": _chips(plain), "hardware_aware": _chips(ladder["programming"])}
    return found


def _chips(rung: Rung) -> dict[str, Any]:
    entry = rung.to_json()
    return {name: entry[name] for name in ("accuracy", "std", "p05", "chips")}
