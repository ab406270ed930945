"""Cases over several processes: floating-point networks first, so that no two processes wait for the same one."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import torch

from benchmarks import row_store
from benchmarks.cases import Case
from benchmarks.float_networks import budgets, float_key, float_network
from benchmarks.measured_row import measure_case
from hwcore.pipeline.parts.machine import choose_device

ORPHANED_EVERY = 2.0
"""Seconds between two looks at whether the first process still lives."""


@dataclass(frozen=True)
class Settings:
    """Settings with which rows are measured.

    Attributes:
        scratch: folder for float networks and what peers are handed.
        rows: file that rows are appended to.
        device: as `choose_device` takes it.
        threads: of each process.
        peers_python: interpreter with the peers; None: there is none.
    """

    scratch: Path
    rows: Path
    device: str
    threads: int
    peers_python: str | None


def measure_all(missing: list[Case], settings: Settings, jobs: int) -> list[str]:
    """Measure the cases, experiment by experiment, and say what is done.

    Returns:
        One line for each case that failed; its traceback has been printed.
    """
    if not missing:
        return []
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(settings.threads)
    torch.set_num_threads(settings.threads)  # part of the key of a float network, here as there
    failed: list[str] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(settings, os.getpid())) as pool:
        try:
            for _, group in groupby(missing, key=lambda case: (case.experiment, case.seed)):
                part = list(group)
                floats = {float_key(case, epochs): (case, epochs) for case in part for epochs in budgets(case)}
                _wait((pool.submit(_float, *wanted) for wanted in floats.values()), "float", failed)
                _wait((pool.submit(_measure, case) for case in part), "row", failed)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failed


def _wait(futures: Iterable[Future[tuple[str, str | None]]], kind: str, failed: list[str]) -> None:
    started = time.perf_counter()
    waiting = list(futures)
    for number, future in enumerate(as_completed(waiting), start=1):
        message, fault = future.result()
        minutes = (time.perf_counter() - started) / 60
        print(f"[{kind} {number}/{len(waiting)}, {minutes:.1f} min] {message}", flush=True)
        if fault is not None:
            print(fault, flush=True)
            failed.append(message)


class _Worker:
    """Process with the settings that it was started with."""

    settings: Settings


def _start(settings: Settings, first: int) -> None:
    _Worker.settings = settings
    torch.set_num_threads(settings.threads)

    def end_with_the_first() -> None:
        while os.getppid() == first:
            time.sleep(ORPHANED_EVERY)
        os._exit(1)

    threading.Thread(target=end_with_the_first, daemon=True).start()


def _float(case: Case, epochs: int) -> tuple[str, str | None]:
    def work(settings: Settings, device: torch.device) -> str:
        found = float_network(case, epochs, settings.scratch, device)
        return f"{case.experiment}, seed {case.seed}, {epochs} epochs: {100 * found.test:.2f} %, {found.seconds:.0f} s"

    return _guarded(f"{case.experiment}, seed {case.seed}, {epochs} epochs", work)


def _measure(case: Case) -> tuple[str, str | None]:
    def work(settings: Settings, device: torch.device) -> str:
        row = measure_case(case, settings.scratch, device, settings.peers_python)
        row_store.append(settings.rows, row)
        accuracy = 100 * row["accuracy"]["hardware_aware"]
        return f"{case}: {accuracy:.2f} %, loss {row['loss_points']:+.2f} points, {row['seconds']:.0f} s"

    return _guarded(str(case), work)


def _guarded(name: str, work: Callable[[Settings, torch.device], str]) -> tuple[str, str | None]:
    # One case that fails must not take the others with it.
    try:
        return work(_Worker.settings, choose_device(_Worker.settings.device)), None
    except Exception:
        return name, traceback.format_exc()
