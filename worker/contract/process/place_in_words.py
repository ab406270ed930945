"""The place of a running job in one line for people, as `mho compile` and `mho watch` print it."""

from __future__ import annotations

from worker.contract.process.harmless import one_line


def place_in_words(
    stage: str | None, epoch: int | None, epochs: int | None, message: str | None, seconds_left: float | None
) -> str:
    """Write stage, epoch, message and time left as one line: `float  epoch 3/20  loss 0.21  12 s left`.

    Arguments are as in `hwcore.progress.Progress`; what is None or empty is left out.
    """
    parts = [stage or ""]
    if epochs:
        parts.append(f"epoch {epoch or 0}/{epochs}")
    if message and message not in parts:
        parts.append(message)
    if seconds_left is not None:
        parts.append(f"{_duration(seconds_left)} left")
    return one_line("  ".join(part for part in parts if part))


def _duration(seconds: float) -> str:
    """Write a time as people say it: 12 s, 3 min, 2 h 5 min."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
