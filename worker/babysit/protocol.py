"""The protocol between a sitter and the process that it looks after: a training, or a share of another one's chips.

The request comes to the process as one JSON object on its standard input. The process answers with events, one JSON
object per line on its standard output (`worker.babysit.events`); the last one is its outcome. Standard error is for
people.

Chips that earlier attempts judged are in the file `judged` of the request: a JSON object by bundle and task. Results of
helpers for an offered task appear in the folder of offers, under `result_name`, whole or not at all.

Signals to the process: SIGTERM cancels it at once; SIGINT asks it to finish its epoch, take a checkpoint and end.

Both ends are of one version: only database and broker lie between processes of different ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUNDLE_NAME = "bundle.safetensors"
"""Name of the file with all that a helper needs, inside the folder of offers."""


def checkpoint_name(stage: str, epoch: int) -> str:
    """Name the file of a checkpoint inside the folder of checkpoints."""
    return f"{stage}-{epoch}.safetensors"


def result_name(task: str) -> str:
    """Name the file of a result inside the folder of offers: a JSON list."""
    return f"{task}.json"


@dataclass(frozen=True)
class Request:
    """Work for the training process.

    Attributes:
        document: of the job.
        out: folder for the artifacts; it must not exist yet.
        device: as `Settings.device`.
        data_dir: as `Settings.data_dir`.
        threads: CPU threads to use.
        checkpoints: folder for the checkpoints; None: none are taken.
        checkpoint_seconds: least time between two of them, s.
        resume_from: earlier checkpoint to go on from; None: there is none.
        memory_bytes: as `Settings.job_memory_bytes`.
        blobs_url: of the store with uploaded datasets, as `Settings.artifacts_url`.
        cache_dir: folder for those that have to be fetched.
        judged: file with the chips that were judged before; None: none were.
        offers: folder for the bundle of an offer and for results of helpers; None: nothing is offered.
        share_chips: as `Settings.share_chips`.
    """

    document: Mapping[str, Any]
    out: Path
    device: str
    data_dir: Path | None
    threads: int
    checkpoints: Path | None = None
    checkpoint_seconds: float = 0.0
    resume_from: Path | None = None
    memory_bytes: int | None = None
    blobs_url: str = ""
    cache_dir: Path | None = None
    judged: Path | None = None
    offers: Path | None = None
    share_chips: int = 0

    def to_json(self) -> bytes:
        """Write the request as it is sent."""
        return _to_json(self)

    @classmethod
    def from_json(cls, text: bytes) -> Request:
        """Read a request that was sent."""
        return cls(**_from_json(text))


@dataclass(frozen=True)
class ShareRequest:
    """Work for a helping process: some tasks of another attempt.

    Attributes:
        bundle: SHA-256 of the blob with all that the tasks need.
        tasks: names, in the order in which they are to be done.
        data_dir, threads, memory_bytes: as for `Request`.
        blobs_url: of the store with the bundle and uploaded datasets, as `Settings.artifacts_url`.
        cache_dir: folder for blobs that have to be fetched.
    """

    bundle: str
    tasks: Sequence[str]
    data_dir: Path | None
    threads: int
    memory_bytes: int | None
    blobs_url: str
    cache_dir: Path

    def to_json(self) -> bytes:
        """Write the request as it is sent."""
        return _to_json(self)

    @classmethod
    def from_json(cls, text: bytes) -> ShareRequest:
        """Read a request that was sent."""
        return cls(**_from_json(text))


_PATHS = ("out", "data_dir", "checkpoints", "resume_from", "cache_dir", "judged", "offers")


def _to_json(request: object) -> bytes:
    values = {name: str(value) if isinstance(value, Path) else value for name, value in vars(request).items()}
    return json.dumps(values).encode()


def _from_json(text: bytes) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(text)
    return {name: Path(value) if name in _PATHS and value is not None else value for name, value in values.items()}
