"""Waits for something that another process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def eventually(look: Callable[[], Value], seconds: float = 20.0, *, every: float = 0.01) -> Value:
    """What `look` returns as soon as it is true; fails after `seconds`. It looks again after `every` seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {seconds:g} s")
        time.sleep(every)
