"""Reads the document that a command was given: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from hwcore.errors import Fault, InvalidInput

MOST_BYTES = 1_048_576
"""Larger than any description; more is not read."""


def read_job_file(source: Path) -> bytes:
    """The bytes of the file, or of standard input where it is `-`.

    Raises:
        InvalidInput: the file cannot be read, or is larger than `MOST_BYTES`.
    """
    try:
        if str(source) == "-":
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with source.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
    except OSError as error:
        message = f"{source} cannot be read: {error.strerror or error}; allowed: a JSON file, or - for standard input"
        raise InvalidInput([Fault("", message, str(source), "a JSON file, or - for standard input")]) from error
    if len(content) > MOST_BYTES:
        message = f"{source} is too large: got more than {MOST_BYTES:,} bytes; allowed: at most {MOST_BYTES:,} bytes"
        raise InvalidInput([Fault("", message, f"more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,} bytes")])
    return content
