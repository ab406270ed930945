"""What a process that speaks `worker.babysit.protocol` does to itself before it begins."""

from __future__ import annotations

import os
import resource
import sys
from typing import TextIO


def event_output() -> TextIO:
    """Standard output, for events alone: what any library prints there goes to standard error from now on."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


def limit_memory(most: int | None) -> None:
    """Let this process ask for no more memory, bytes: private memory that can be written, without mapped libraries."""
    if most is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
