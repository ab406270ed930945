"""Writes golden_badcrossbar.json: `python -m tests.hwcore.wires.golden_badcrossbar PYTHON`, which has badcrossbar.

How to make such an interpreter: benchmarks/README.md.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.peer_process import call_peer
from tests.hwcore.wires.drawn_arrays import drawn, driven

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "peers" / "badcrossbar_currents.py"
GOLDEN = Path(__file__).with_suffix(".json")
SHAPES = ((1, 1), (1, 6), (6, 1), (7, 5), (12, 16))
RESISTANCES = ((1e-3, 2e-3), (1.0, 1.0), (2.0, 100.0), (500.0, 300.0), (0.0, 3.0), (3.0, 0.0))


def arrays() -> list[dict[str, Any]]:
    """Every shape with every resistance, each with two inputs; a tenth of the cells does not conduct."""
    found = []
    for number, (rows, cols) in enumerate(SHAPES):
        for r_word, r_bit in RESISTANCES:
            g, drive = drawn(rows, cols, seed=number, off=0.1), driven(2, rows, seed=number)
            found.append({"g": g.tolist(), "drive": drive.tolist(), "r_word": r_word, "r_bit": r_bit})
    return found


def main(python: str) -> None:
    """Ask and write."""
    request = {"arrays": arrays()}
    found = call_peer(python, SCRIPT, request)
    for array, currents in zip(request["arrays"], found["currents"], strict=True):
        array["currents"] = currents
    document = {
        "tool": "badcrossbar",
        "versions": found["versions"],
        "command": "python -m tests.hwcore.wires.golden_badcrossbar PYTHON",
        "date": datetime.now(UTC).date().isoformat(),
        "units": {"g": "S", "drive": "V", "r_word": "ohm", "r_bit": "ohm", "currents": "A"},
        **request,
    }
    GOLDEN.write_text(json.dumps(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
