"""Check that the machine is quiet enough to measure a time on it."""

from __future__ import annotations

import os

BUSY = 0.5
"""Load average of the last minute, before anything of ours runs."""


def load_before(measured: str) -> float:
    """Load average of the last minute; says so where what is to be measured would say little."""
    load = os.getloadavg()[0]
    if load > BUSY:
        print(f"the machine is busy (load {load:.1f}): {measured} measured now says little")
    return load
