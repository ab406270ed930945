"""The same network for five other chips: one description each, nothing else changed."""

from __future__ import annotations

import time

from benchmarks.figures import Figure, record
from benchmarks.jobs import EXAMPLES, example, measure

CHIPS = ("sram-4b-linear", "binary-weighted-bits-off", "measured-tables", "full-pair-2-levels", "ratio-2")


def main() -> None:
    """Compile examples/chips/*.json and print the table of the README."""
    started = time.perf_counter()
    missing = {path.stem for path in (EXAMPLES / "chips").glob("*.json")} ^ set(CHIPS)
    if missing:
        raise SystemExit(f"examples/chips and the list in {__file__} differ by {sorted(missing)}")
    rows = [measure(example(f"chips/{name}")) for name in CHIPS]
    figures = [Figure(name, row["loss_points"], "points") for name, row in zip(CHIPS, rows, strict=True)]
    record("chips", figures, rows, time.perf_counter() - started)
    print("\n| chip | weight values | float | rounded | rounded, least error | hardware-aware | programmed, 25 chips |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        accuracy = {stage: f"{100 * value:.2f}" for stage, value in row["accuracy"].items()}
        spread = f"{accuracy['programming']} ± {100 * row['programming_std']:.2f}"
        print(
            f"| {row['name']} | {row['weights']} | {accuracy['float']} | {accuracy['rounded']} | "
            f"{100 * row['rounding']['least_error']:.2f} | "
            f"{accuracy['hardware_aware']} | {spread} |"
        )


if __name__ == "__main__":
    main()
