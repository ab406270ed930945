"""The table of train_step.json, in Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import table

MEGABYTE = 1e6


def step_table(rows: list[dict[str, Any]]) -> str:
    """One line for each variant: its step over a plain one in the same interpreter, with quartiles, and its memory."""
    lines = []
    for row in rows:
        spread = f" ({row['ratio_low']:.2f} - {row['ratio_high']:.2f})" if "ratio_low" in row else ""
        package = row["package"]
        if "versions" in row:
            package += f" {row['versions'][row['package']]}"
        ratio = f"{row['ratio']:.2f}{spread}"
        milliseconds, megabytes = f"{1000 * row['seconds']:.2f}", f"{row['growth_bytes'] / MEGABYTE:.0f}"
        lines.append([package, row["variant"], milliseconds, ratio, megabytes])
    return table(("package", "step", "ms", "over a plain step (quartiles)", "memory, MB"), lines)
