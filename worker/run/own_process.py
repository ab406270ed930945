"""Set-up of a process that speaks `worker.babysit.protocol`: its standard output, its events, its memory."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from typing import TextIO

from worker.babysit.events import Event, event_line


def event_output() -> TextIO:
    """Take standard output for events alone: what a library prints there goes to standard error from now on."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


def written_to(output: TextIO) -> Callable[[Event], None]:
    """Make the function that writes an event to an output, at once."""

    def say(event: Event) -> None:
        output.write(event_line(event) + "\n")
        output.flush()

    return say


def limit_memory(most: int | None) -> None:
    """Limit the memory of this process, bytes: private memory that can be written, without mapped libraries."""
    if most is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def in_words(error: Exception) -> str:
    """Describe an error that nobody expected: its type and its message."""
    return f"{type(error).__name__}: {error}"
