"""`python -m benchmarks.references`: the floating-point networks that losses of the grid are against; resumable.

A reference is trained by the code that trains for the chip, with every staircase replaced by the identity; its learning
rate, and whether it has smoothed labels, noise on its weights and the float network as a teacher, are chosen on
held-out images. Every network is a row of results/references.rows.jsonl the moment it is trained; `benchmarks.accuracy
--assemble` takes them from there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import platformdirs
import torch

from benchmarks import row_store
from benchmarks.cases import Case, cases
from benchmarks.experiments import ALL_SEEDS, EXPERIMENTS
from benchmarks.figures import RESULTS
from benchmarks.reference_rows import SEARCHED_ON, find_reference_row, of_seed, reference_group, reference_key

ROWS = "references.rows.jsonl"


def main(arguments: list[str] | None = None) -> int:
    """Train and choose what is missing, one network after the other; more processes take other experiments each."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    scratch = options.scratch / "smoke" if options.smoke else options.scratch
    rows = (scratch / "results" if options.smoke else RESULTS) / ROWS
    for case in wanted(options.only, options.seeds, smoke=options.smoke):
        done = reference_key(case) in row_store.read(rows)
        if options.list:
            print(f"{'done' if done else 'to do':<6} {reference_key(case)}  {case.experiment}, {case.corner}")
            continue
        row = find_reference_row(case, tuple(of_seed(case, seed) for seed in SEARCHED_ON), rows, scratch)
        print(
            f"{case.experiment}, {case.corner}, seed {case.seed}: {100 * row['test']:.2f} %, {row['choice']}",
            flush=True,
        )
    return 0


def wanted(names: list[str], seeds: list[int], *, smoke: bool = False) -> list[Case]:
    """One case for every reference: all corners of the same network and training share theirs."""
    found: dict[tuple[str, int], Case] = {}
    for case in cases(names, seeds, smoke=smoke)[0]:
        found.setdefault((reference_group(case), case.seed), case)
    return list(found.values())


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.references", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(EXPERIMENTS), help="experiments")
    parser.add_argument(
        "--seeds",
        type=lambda text: [int(part) for part in text.split(",")],
        default=list(ALL_SEEDS),
        help="such as 0,1",
    )
    parser.add_argument("--threads", type=int, default=1, help="default 1")
    scratch = Path(platformdirs.user_cache_dir("mho")) / "benchmarks"
    parser.add_argument("--scratch", type=Path, default=scratch, help=f"networks are kept here ({scratch})")
    parser.add_argument("--smoke", action="store_true", help="tiny networks, results below the scratch folder")
    parser.add_argument("--list", action="store_true", help="say what is done and what is to do, and end")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
