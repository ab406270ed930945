"""`python -m benchmarks.fuzz_jobs`: random jobs over all that a job may say, run as the worker runs them.

Each ends well, or with an error of mho's own that names the field; every number that it leaves behind is finite; and
examples/rebuild.py, which knows nothing of mho, finds the same logits from the files alone. A row for each job is in
the file of --out the moment it has ended: run the command again and it goes on. --job N runs one and prints its row.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks import row_store
from benchmarks.figures import RESULTS, Figure, record
from benchmarks.fuzzing.fuzzed_job import Row, fuzzed_job, key_of
from benchmarks.fuzzing.processes import fuzzed_jobs

JOBS = 2000
OUTCOMES = ("succeeded", "refused", "failed", "internal", "timed_out")


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and record all; 1 where a limit does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_jobs", description=__doc__)
    parser.add_argument("--jobs", type=int, default=JOBS, help=f"how many (default {JOBS})")
    parser.add_argument("--seed", type=int, default=0, help="of the run: another one, other jobs")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/fuzz_jobs.jsonl"), help="file of rows")
    parser.add_argument("--job", type=int, help="run this one alone, and print its row")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the result")
    options = parser.parse_args(arguments)
    if options.job is not None:
        return _one(options.seed, options.job)
    return _all(options.seed, options.jobs, options.processes, options.out, options.results)


def _one(seed: int, number: int) -> int:
    with tempfile.TemporaryDirectory(prefix="mho-fuzz-") as folder:
        row = fuzzed_job(seed, number, Path(folder))
    print(row.pop("error") or "no error")
    print(json.dumps(row, indent=1))
    return 1 if faulty(row) else 0


def _all(seed: int, jobs: int, processes: int, path: Path, folder: Path) -> int:
    keys = {key_of(seed, number): number for number in range(jobs)}
    known = row_store.read(path)
    missing = [number for key, number in keys.items() if key not in known]
    started = time.perf_counter()
    for done, row in enumerate(fuzzed_jobs(seed, missing, processes), start=1):
        row_store.append(path, row)
        if faulty(row) or done % 50 == 0:
            fault = f": {(row['error'] or 'a number, or the rebuild').splitlines()[-1]}" if faulty(row) else ""
            print(f"[{done}/{len(missing)}] {row['key']} {row['outcome']}{fault}", flush=True)
    known = row_store.read(path)
    rows = [known[key] for key in keys]
    figures = figures_of(rows)
    record("fuzz_jobs", figures, [summary(seed, rows), *filter(faulty, rows)], time.perf_counter() - started, folder)
    return 0 if all(figure.holds is not False for figure in figures) else 1


def faulty(row: Row) -> bool:
    """Tell whether a job showed a fault of mho."""
    return row["outcome"] in ("internal", "timed_out") or bool(row["not_finite"]) or row["rebuild_off"]


def figures_of(rows: list[Row]) -> list[Figure]:
    """Count the jobs, and those that showed each fault."""
    return [
        Figure("jobs_fuzzed", len(rows), "jobs", JOBS, at_least=True),
        Figure("internal", sum(row["outcome"] == "internal" for row in rows), "jobs", 0),
        Figure("not_finite", sum(bool(row["not_finite"]) for row in rows), "jobs", 0),
        Figure("rebuilds_off", sum(row["rebuild_off"] for row in rows), "jobs", 0),
        Figure("timed_out", sum(row["outcome"] == "timed_out" for row in rows), "jobs", 0),
    ]


def summary(seed: int, rows: list[Row]) -> Row:
    """Outcomes, how many logits were rebuilt in which way and how far they were off at most, and seconds of jobs."""
    outcomes = Counter(row["outcome"] for row in rows)
    rebuilt: dict[str, list[float]] = {}
    for row in rows:
        for name, off in row["rebuilds"].items():
            rebuilt.setdefault(name, []).append(off)
    return {
        "seed": seed,
        "outcomes": {outcome: outcomes[outcome] for outcome in OUTCOMES},
        "rebuilt": {name: {"jobs": len(offs), "largest": max(offs)} for name, offs in sorted(rebuilt.items())},
        "images": {name: sum(row["compared"][k] for row in rows) for k, name in enumerate(("compared", "rebuilt"))},
        "job_seconds": round(sum(row["seconds"] or 0.0 for row in rows), 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
