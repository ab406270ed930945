"""Processes that run fuzzed jobs, many in each; one that dies, or takes too long, is a finding and not the end."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from benchmarks.fuzzing.fuzzed_job import Row, fuzzed_job, key_of

LONGEST = 120.0
"""Seconds for one job; they are made to take one."""
CONTEXT = multiprocessing.get_context("spawn")


@dataclass
class _Runner:
    """A process, and the job that it has.

    Attributes:
        process: ours to end.
        connection: numbers go there, rows come back.
        number: of the job under way; None: it has none.
        until: when it has to be done.
    """

    process: SpawnProcess
    connection: Connection
    number: int | None = None
    until: float = 0.0


def fuzzed_jobs(seed: int, numbers: list[int], processes: int, longest: float = LONGEST) -> Iterator[Row]:
    """Run the jobs of these numbers; a row for each, in the order in which they end.

    Args:
        seed: of the run.
        numbers: of the jobs.
        processes: at a time.
        longest: seconds for one job.
    """
    waiting = list(reversed(numbers))
    runners = [_started(seed) for _ in range(min(processes, len(waiting)))]
    try:
        while waiting or any(runner.number is not None for runner in runners):
            for runner in runners:
                if runner.number is None and waiting:
                    _give(runner, waiting.pop(), longest)
            busy = {runner.connection: runner for runner in runners if runner.number is not None}
            for connection in wait(list(busy), timeout=1.0):
                yield _row(busy[connection], runners, seed)  # type: ignore[index]
            for runner in list(runners):
                if runner.number is not None and time.monotonic() > runner.until:
                    yield _lost(runner, runners, seed, "timed_out", f"no end after {longest:g} s")
    finally:
        for runner in runners:
            _end(runner)


def _started(seed: int) -> _Runner:
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_run, args=(there, seed), daemon=True)
    process.start()
    there.close()
    return _Runner(process, here)


def _run(connection: Connection, seed: int) -> None:
    while True:
        try:
            number = connection.recv()
        except EOFError:
            return
        with tempfile.TemporaryDirectory(prefix="mho-fuzz-") as folder:
            row = fuzzed_job(seed, number, Path(folder))
        connection.send(row)


def _give(runner: _Runner, number: int, longest: float) -> None:
    runner.number, runner.until = number, time.monotonic() + longest
    runner.connection.send(number)


def _row(runner: _Runner, runners: list[_Runner], seed: int) -> Row:
    try:
        row: Row = runner.connection.recv()
    except EOFError:
        runner.process.join()
        return _lost(runner, runners, seed, "internal", f"the process ended with {runner.process.exitcode}")
    runner.number = None
    return row


def _lost(runner: _Runner, runners: list[_Runner], seed: int, outcome: str, error: str) -> Row:
    """The row of a job whose process is gone, or is ended here; another process takes its place."""
    number = runner.number
    _end(runner)
    runners[runners.index(runner)] = _started(seed)
    nothing: Row = {"not_finite": [], "rebuilds": {}, "compared": [0, 0], "rebuild_off": False, "seconds": None}
    return {"key": key_of(seed, number or 0), "number": number, "outcome": outcome, "error": error, **nothing}


def _end(runner: _Runner) -> None:
    runner.process.kill()
    runner.process.join()
    runner.connection.close()
