"""What a babysitter and the training process that it looks after say to each other.

The request comes to the process as one JSON object on its standard input. The process answers with events, one JSON
object per line on its standard output; the last one is its outcome. Standard error is for people.

| event | further keys |
|---|---|
| `progress` | `stage`, `epoch`, `epochs`, `fraction`, `message`, `seconds_left`: as `hwcore.progress.Progress` |
| `succeeded` | `result`: an object with `ladder` |
| `failed` | `error`: an object with `reason` and `detail` |
| `cancelled` | none |

Exit status: 0 after `succeeded`, 1 after `failed`, 130 after `cancelled`. Any other end is a crash.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hwcore.progress import Progress

EXIT_SUCCEEDED = 0
EXIT_FAILED = 1
EXIT_CANCELLED = 130


@dataclass(frozen=True)
class Request:
    """What the training process is to do.

    Args:
        document: the job's document.
        out: where the artifacts go; the folder must not exist yet.
        device: as `Settings.device`.
        data_dir: as `Settings.data_dir`.
        threads: CPU threads to use.
    """

    document: Mapping[str, Any]
    out: Path
    device: str
    data_dir: Path | None
    threads: int

    def to_json(self) -> bytes:
        """The request as it is sent."""
        values = {
            "document": self.document,
            "out": str(self.out),
            "device": self.device,
            "data_dir": None if self.data_dir is None else str(self.data_dir),
            "threads": self.threads,
        }
        return json.dumps(values).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Request:
        """The request that was sent."""
        values = json.loads(text)
        data_dir = values["data_dir"]
        return cls(
            document=values["document"],
            out=Path(values["out"]),
            device=values["device"],
            data_dir=None if data_dir is None else Path(data_dir),
            threads=values["threads"],
        )


@dataclass(frozen=True)
class Outcome:
    """The last event: `succeeded` with its result, `failed` with its error, or `cancelled`."""

    event: str
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


def progress_line(progress: Progress) -> str:
    """A step forward as a line."""
    return json.dumps({"event": "progress", **asdict(progress)})


def outcome_line(outcome: Outcome) -> str:
    """The outcome as a line."""
    values = {"event": outcome.event, "result": outcome.result, "error": outcome.error}
    return json.dumps({key: value for key, value in values.items() if value is not None})


def read_line(line: bytes) -> Progress | Outcome | None:
    """What a line says; None for anything that is no event, e.g. what a library printed."""
    try:
        values = json.loads(line)
        match values["event"]:
            case "progress":
                return Progress(
                    stage=str(values["stage"]),
                    epoch=values["epoch"],
                    epochs=values["epochs"],
                    fraction=min(1.0, max(0.0, float(values["fraction"]))),
                    message=str(values["message"]),
                    seconds_left=_seconds(values.get("seconds_left")),
                )
            case "succeeded":
                return Outcome("succeeded", result=values["result"])
            case "failed":
                error = values["error"]
                return Outcome("failed", error={"reason": str(error["reason"]), "detail": str(error["detail"])})
            case "cancelled":
                return Outcome("cancelled")
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return None


def _seconds(value: Any) -> float | None:
    """A time that is not negative, or None for anything else: it is an estimate, and nothing depends on it."""
    if value is None:
        return None
    seconds = float(value)
    return seconds if 0 <= seconds < math.inf else None
