"""Real processes as /proc shows them."""

from __future__ import annotations

from pathlib import Path


def alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    return _state(pid) not in (None, "Z")


def children(pid: int) -> list[int]:
    """List the processes that `pid` has started and that still exist."""
    return [child for child, parent in _parents().items() if parent == pid]


def descendants(pid: int) -> dict[int, str]:
    """Map every process below `pid` to its command line."""
    parents = _parents()
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for child, its_parent in parents.items():
            if its_parent == parent and child not in found:
                found[child] = _command(child)
                waiting.append(child)
    return found


def _parents() -> dict[int, int]:
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return {number: int(stat[1]) for number in numbers if (stat := _stat(number)) is not None}


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _state(pid: int) -> str | None:
    stat = _stat(pid)
    return None if stat is None else stat[0]


def _stat(pid: int) -> list[str] | None:
    """Read state, parent and so on: the fields after the name in /proc/PID/stat."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
