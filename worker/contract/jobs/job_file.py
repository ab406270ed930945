"""Reads the document that a command was given: a file, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hwcore.errors import Fault, InvalidInput

MOST_BYTES = 1_048_576
"""Larger than any description; more is not read."""


def document_name(source: Path) -> str:
    """Name of the document in messages."""
    return "standard input" if str(source) == "-" else str(source)


@contextmanager
def named_in_faults(source: Path) -> Iterator[None]:
    """Call the document by its file's name in the faults of what is done inside."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(replace(fault, document=document_name(source)) for fault in error.faults) from error


def read_job_file(source: Path) -> bytes:
    """The bytes of the file, or of standard input where it is `-`; use it in `named_in_faults`.

    Raises:
        InvalidInput: the file cannot be read, or is larger than `MOST_BYTES`.
    """
    try:
        if str(source) == "-":
            if sys.stdin is None:
                raise OSError("it is closed")
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with source.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}; allowed: a JSON file, or - for standard input"
        raise InvalidInput([Fault("", message, str(source), "a JSON file, or - for standard input")]) from error
    if len(content) > MOST_BYTES:
        got, allowed = f"more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,} bytes"
        raise InvalidInput([Fault("", f"the document is too large: got {got}; allowed: {allowed}", got, allowed)])
    return content
