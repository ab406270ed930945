"""Checkpoints of a job: where its training goes on after whatever ended it, and which chips it need not judge again."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch

from hwcore.pipeline.parts.bundle import Bundle
from hwcore.pipeline.parts.judged import Judged
from hwcore.pipeline.parts.machine import machine, versions
from hwcore.snapshot import Snapshot
from hwcore.spec import CompileJob

Trained = Literal["float", "hardware_aware"]
"""The stages that have epochs, and so checkpoints."""


@dataclass(frozen=True)
class Checkpoints:
    """Where a job's checkpoints go, and the one that it goes on from.

    Attributes:
        path: file for the newest; it is there whole or not at all.
        resume_from: an earlier one; None: there is none, and the job begins at the beginning.
        due: whether one is wanted now; asked after every epoch.
        written: told of every new one: its stage, and epochs done in it.
        failed: told why one could not be written; the training goes on without it.
        judged: chips that earlier attempts judged: by the SHA-256 of the bundle (`Bundle.sha256`) that was written to
            them, and by the name of the task. Those of another bundle are left aside.
        chip: told of every further one: bundle, task, and for everything looked at how many test images were right.
    """

    path: Path
    resume_from: Path | None = None
    due: Callable[[], bool] = lambda: True
    written: Callable[[Trained, int], None] = lambda stage, epoch: None
    failed: Callable[[OSError], None] = lambda error: None
    judged: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    chip: Callable[[str, str, Sequence[int]], None] = lambda bundle, task, correct: None


@dataclass(frozen=True)
class Found:
    """A checkpoint that fits the job.

    Attributes:
        stage: that it was taken in.
        epoch: epochs done in that stage.
        threads: that the numbers were computed with, and are to be again.
        parts: a snapshot of every stage by its name; that of a stage that had ended is its last.
    """

    stage: Trained
    epoch: int
    threads: int
    parts: Snapshot


@dataclass
class Keeper:
    """Takes checkpoints of a job, and gives back what the earlier one holds.

    A checkpoint counts only for the same job under the same versions on the same kind of device: what goes on from it
    ends with the same bytes as an undisturbed run, or begins anew.

    Attributes:
        job: resolved.
        device: of the training.
        checkpoints: where they are; None: there are none.
        threads: of this run.
        found: the earlier one, after `find`.
        ended: last snapshots of the stages that are over.
    """

    job: CompileJob
    device: torch.device
    checkpoints: Checkpoints | None
    threads: int = 0
    found: Found | None = None
    ended: dict[str, Snapshot] = field(default_factory=dict)

    def find(self) -> Found | None:
        """Look for the earlier checkpoint: there is one, it is whole, and it fits."""
        source = None if self.checkpoints is None else self.checkpoints.resume_from
        if source is None:
            return None
        try:
            snapshot = Snapshot.read(source)
        except (OSError, ValueError):
            # It saves time where it is whole, and nothing else is lost with it.
            return None
        values = snapshot.part("about").values
        if values.get("fingerprint") != self._fingerprint:
            return None
        self.found = Found(values["stage"], values["epoch"], values["threads"], snapshot)
        return self.found

    def keep(self, stage: Trained, epoch: int, take: Callable[[], Snapshot], *, last: bool) -> None:
        """Write a checkpoint if one is due, after an epoch; it always is at the end of the last training.

        What follows may take longer than all that was before, and needs nothing else of it.

        Args:
            stage: that is trained.
            epoch: epochs done in it.
            take: of the training now.
            last: whether the stage ends here: its snapshot then goes into all that follow.
        """
        if self.checkpoints is None:
            return
        due = self.checkpoints.due() or (last and stage == "hardware_aware")
        if not (due or last):
            return
        # What a stage ended with must not change with the stage that follows.
        taken = take()
        if last:
            self.ended[stage] = _copied(taken)
        if due:
            about = {"fingerprint": self._fingerprint, "stage": stage, "epoch": epoch, "threads": self.threads}
            parts = {**self.ended, stage: taken, "about": Snapshot(values=about)}
            try:
                Snapshot.of_parts(parts).write(self.checkpoints.path)
            except OSError as error:
                self.checkpoints.failed(error)
                return
            self.checkpoints.written(stage, epoch)

    def chips(self, bundle: Bundle) -> Judged:
        """The chips of this bundle that were judged before, and where further ones are told.

        Args:
            bundle: of the job, as it was trained.
        """
        if self.checkpoints is None:
            return Judged()
        sha256 = bundle.sha256()
        return Judged(self.checkpoints.judged.get(sha256, {}), functools.partial(self.checkpoints.chip, sha256))

    @functools.cached_property
    def _fingerprint(self) -> str:
        where = machine(self.device, 0)
        text = json.dumps([self.job.model_dump(mode="json"), versions(), where], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _copied(snapshot: Snapshot) -> Snapshot:
    return Snapshot({name: tensor.detach().cpu().clone() for name, tensor in snapshot.tensors.items()}, snapshot.values)
