"""`python -m benchmarks.accuracy`: what the hardware costs in accuracy, on every chip of experiments.py; resumable.

Each row is kept in results/accuracy.rows.jsonl the moment it is there; results/accuracy.json is made of the rows that
the experiments ask for now, with the references of `benchmarks.references` beside them. Run again after a stop: what
is there is not measured again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import platformdirs

from benchmarks import row_store
from benchmarks.accuracy_figures import figures_of, incomplete
from benchmarks.accuracy_tables import print_tables
from benchmarks.cases import Case, cases
from benchmarks.experiments import ALL_SEEDS, BREVITAS, EXPERIMENTS, OURS
from benchmarks.figures import RESULTS, record
from benchmarks.reference_rows import reference_key
from benchmarks.references import ROWS
from benchmarks.workers import Settings, measure_all

METHODS = (*OURS, *BREVITAS)


def main(arguments: list[str] | None = None) -> int:
    """Measure what is missing, then write accuracy.json and print its figures. 1 where something could not be done."""
    options = _options(arguments)
    scratch = options.scratch / "smoke" if options.smoke else options.scratch
    results = scratch / "results" if options.smoke else RESULTS
    rows_file = results / "accuracy.rows.jsonl"
    if options.assemble:
        assemble(results, seconds=0.0, smoke=options.smoke)
        return 0
    chosen, refused = cases(options.only, options.seeds, smoke=options.smoke)
    for line in refused:
        print(f"cannot be described by this mho: {line}")
    done = row_store.read(rows_file)
    if options.list:
        for case in chosen:
            print(f"{'done' if case.key in done else 'to do':<6} {case.key}  {case}")
        return 0
    missing = _once([case for case in chosen if case.key not in done and case.method in options.methods])
    if options.peers_python is None and any(case.peer for case in missing):
        print("rows of brevitas are skipped: no --peers-python (benchmarks/README.md says how to make one)")
        missing = [case for case in missing if not case.peer]
    started = time.perf_counter()
    settings = Settings(scratch, rows_file, options.device, options.threads, options.peers_python)
    failed = measure_all(missing, settings, options.jobs)
    assemble(results, seconds=time.perf_counter() - started, smoke=options.smoke)
    print("".join(f"\nfailed: {line}" for line in failed))
    return 1 if failed or refused else 0


def assemble(results: Path, *, seconds: float, smoke: bool = False) -> None:
    """accuracy.json from the rows that are there, of all experiments; a figure only where its rows are complete."""
    done = row_store.read(results / "accuracy.rows.jsonl")
    references = row_store.read(results / ROWS)
    wanted, _ = cases(EXPERIMENTS, ALL_SEEDS, smoke=smoke)
    rows = [_placed(case, done[case.key], references.get(reference_key(case))) for case in wanted if case.key in done]
    print_tables(rows)
    print()
    record("accuracy", figures_of(rows), rows, seconds, results)
    for line in incomplete(rows):
        print(line)


def _once(chosen: list[Case]) -> list[Case]:
    """A row that several tables share is measured where it first appears."""
    first: dict[str, Case] = {}
    for case in chosen:
        first.setdefault(case.key, case)
    return list(first.values())


def _placed(case: Case, row: row_store.Row, reference: row_store.Row | None) -> row_store.Row:
    place = {"experiment": case.experiment, "corner": case.corner, "method": case.method, "seed": case.seed}
    placed = {**place, **{name: value for name, value in row.items() if name not in {"job", "curve"}}}
    if reference is not None:
        placed["accuracy"] = {**row["accuracy"], "reference": reference["test"]}
        placed["validation"] = {**row["validation"], "reference": reference["validation"]}
        placed["reference"] = {
            **{name: reference[name] for name in ("choice", "searched_on", "commit", "finished")},
            "candidates": len(reference["candidates"]),
        }
    return placed


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--only", type=_names, default=list(EXPERIMENTS), help=f"of {', '.join(EXPERIMENTS)}")
    parser.add_argument("--methods", type=_methods, default=METHODS, help=f"of {', '.join(METHODS)}")
    parser.add_argument("--seeds", type=_seeds, default=list(ALL_SEEDS), help="such as 0,1,2; all is the default")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--threads", type=int, default=1, help="of each process (default 1)")
    parser.add_argument("--device", default="cpu", help="cpu (default), auto or cuda")
    parser.add_argument("--peers-python", help="an interpreter with brevitas in it; without: no rows of brevitas")
    scratch = Path(platformdirs.user_cache_dir("mho")) / "benchmarks"
    parser.add_argument("--scratch", type=Path, default=scratch, help=f"float networks are kept here ({scratch})")
    parser.add_argument("--smoke", action="store_true", help="tiny networks, results below the scratch folder")
    parser.add_argument("--assemble", action="store_true", help="accuracy.json of the rows that are there, and end")
    parser.add_argument("--list", action="store_true", help="say what is done and what is to do, and end")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(EXPERIMENTS):
        raise argparse.ArgumentTypeError(f"got {', '.join(sorted(unknown))}; allowed: {', '.join(EXPERIMENTS)}")
    return names


def _methods(text: str) -> list[str]:
    methods = text.split(",")
    if unknown := set(methods) - set(METHODS):
        raise argparse.ArgumentTypeError(f"got {', '.join(sorted(unknown))}; allowed: {', '.join(METHODS)}")
    return methods


def _seeds(text: str) -> list[int]:
    seeds = [int(part) for part in text.split(",")]
    if unknown := set(seeds) - set(ALL_SEEDS):
        raise argparse.ArgumentTypeError(f"got {sorted(unknown)}; allowed: {ALL_SEEDS}, those of the tables")
    return seeds


if __name__ == "__main__":
    raise SystemExit(main())
