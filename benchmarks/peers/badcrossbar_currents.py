"""Currents of arrays as badcrossbar computes them, for mho to be held against; runs in an interpreter that has it.

JSON in: {"arrays": [{"g": rows x cols in S, "drive": inputs x rows in V, "r_word": ohm, "r_bit": ohm}, ...]}; JSON out,
on the last line: {"versions": ..., "currents": inputs x cols in A per array, "seconds": per array}. badcrossbar has
neither driver nor sense resistances.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import time
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np

with warnings.catch_warnings():
    # Its plots need cairo; nothing is plotted here.
    warnings.simplefilter("ignore")
    import badcrossbar


def answer(array: dict[str, Any]) -> tuple[list[list[float]], float]:
    """Currents of one array for all of its inputs, and how long that took, s."""
    g, drive = np.array(array["g"]), np.array(array["drive"])
    # A cell that does not conduct has no resistance that is a number.
    with np.errstate(divide="ignore"):
        resistances = 1 / g
    started = time.perf_counter()
    solved = badcrossbar.compute(drive.T, resistances, r_i_word_line=array["r_word"], r_i_bit_line=array["r_bit"])
    return np.atleast_2d(solved.currents.output).tolist(), time.perf_counter() - started


def main() -> None:
    """Answer the request on standard input."""
    logging.disable(logging.INFO)
    request = json.loads(sys.stdin.read())
    with contextlib.redirect_stdout(io.StringIO()):
        answers = [answer(array) for array in request["arrays"]]
    versions = {name: version(name) for name in ("badcrossbar", "numpy", "scipy")}
    currents, seconds = zip(*answers, strict=True)
    print(json.dumps({"versions": versions, "currents": currents, "seconds": seconds}))


if __name__ == "__main__":
    main()
