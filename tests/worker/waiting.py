"""Waiting for a change that another process makes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def eventually(look: Callable[[], Value], seconds: float = 20.0, *, every: float = 0.01) -> Value:
    """Return the answer of `look` as soon as it is true; ask every `every` seconds and fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {seconds:g} s")
        time.sleep(every)
