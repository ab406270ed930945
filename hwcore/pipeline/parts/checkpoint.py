"""Checkpoints of a job: its training goes on from one, and chips that were judged are not judged again."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from hwcore.pipeline.parts.bundle import Bundle
from hwcore.pipeline.parts.judged import Judged
from hwcore.pipeline.parts.machine import machine, versions
from hwcore.snapshot import Snapshot
from hwcore.spec import JobDocument


@dataclass(frozen=True)
class Checkpoints:
    """Checkpoints of a job: the file of the next one, and the one that the job resumes from.

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
    written: Callable[[str, int], None] = lambda stage, epoch: None
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

    stage: str
    epoch: int
    threads: int
    parts: Snapshot


@dataclass(frozen=True)
class Before:
    """The epochs of one stage that an earlier attempt has done.

    Attributes:
        epoch: so many.
        snapshot: of the training after them.
    """

    epoch: int
    snapshot: Snapshot


@dataclass(frozen=True)
class Keeper:
    """Takes checkpoints of a job, and gives back what the earlier one holds.

    Attributes:
        job: resolved.
        device: of the training.
        threads: of this run.
        checkpoints: where they are; None: there are none.
        found: the earlier one (`find_checkpoint`); None: the job begins at the beginning.
    """

    job: JobDocument
    device: torch.device
    threads: int
    checkpoints: Checkpoints | None = None
    found: Found | None = None
    _ended: dict[str, Snapshot] = field(default_factory=dict)
    """Last snapshots of the stages that are over."""

    def before(self, stage: str, epochs: int) -> Before | None:
        """Look up a stage in the earlier checkpoint; None where that was taken before the stage began.

        Args:
            stage: one of the job's.
            epochs: of the whole stage.
        """
        order, found = self.job.stages, self.found
        if found is None or order.index(found.stage) < order.index(stage):
            return None
        snapshot = found.parts.part(stage)
        if not snapshot.tensors:
            # It was tried and given up.
            return None
        before = Before(found.epoch if stage == found.stage else epochs, snapshot)
        if before.epoch == epochs:
            self._ended[stage] = before.snapshot
        return before

    def keep(self, stage: str, epoch: int, take: Callable[[], Snapshot], *, last: bool) -> None:
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
        due = self.checkpoints.due() or (last and stage == self.job.stages[-1])
        if not (due or last):
            return
        # What a stage ended with must not change with the stage that follows.
        taken = take()
        if last:
            self._ended[stage] = _copied(taken)
        if due:
            about = {"fingerprint": self._fingerprint, "stage": stage, "epoch": epoch, "threads": self.threads}
            parts = {**self._ended, stage: taken, "about": Snapshot(values=about)}
            try:
                Snapshot.of_parts(parts).write(self.checkpoints.path)
            except OSError as error:
                self.checkpoints.failed(error)
                return
            self.checkpoints.written(stage, epoch)

    def chips(self, bundle: Bundle) -> Judged:
        """Return the chips of this bundle that were judged before, with the callback for further ones.

        Args:
            bundle: of the job, as it was trained.
        """
        if self.checkpoints is None:
            return Judged()
        sha256 = bundle.sha256()
        return Judged(self.checkpoints.judged.get(sha256, {}), functools.partial(self.checkpoints.chip, sha256))

    @functools.cached_property
    def _fingerprint(self) -> str:
        return _fingerprint(self.job, self.device)


def find_checkpoint(job: JobDocument, device: torch.device, checkpoints: Checkpoints | None) -> Found | None:
    """Look for an earlier checkpoint: there is one, it is whole, and it fits.

    It fits only the same job under the same versions on the same kind of device: a run that goes on from it ends with
    the same bytes as an undisturbed one.

    Args:
        job: resolved.
        device: of the training.
        checkpoints: where it may be; None: nowhere.
    """
    source = None if checkpoints is None else checkpoints.resume_from
    if source is None:
        return None
    try:
        snapshot = Snapshot.read(source)
    except (OSError, ValueError):
        # It saves time where it is whole, and nothing else is lost with it.
        return None
    values = snapshot.part("about").values
    if values.get("fingerprint") != _fingerprint(job, device):
        return None
    return Found(values["stage"], values["epoch"], values["threads"], snapshot)


def _fingerprint(job: JobDocument, device: torch.device) -> str:
    text = json.dumps([job.model_dump(mode="json"), versions(), machine(device, 0)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _copied(snapshot: Snapshot) -> Snapshot:
    return Snapshot({name: tensor.detach().cpu().clone() for name, tensor in snapshot.tensors.items()}, snapshot.values)
