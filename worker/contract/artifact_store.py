"""The artifacts' folder: an attempt writes aside, and what it wrote comes in whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from worker.contract.errors import ArtifactLost
from worker.contract.job import Artifact
from worker.contract.job_id import is_job_id

STAGING = ".staging"
"""Folder for attempts under way; its name is no job id."""

MEDIA_TYPES = {
    ".json": "application/json",
    ".npz": "application/x-npz",
    ".safetensors": "application/vnd.safetensors",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".hex": "text/plain; charset=utf-8",
    ".sp": "text/plain; charset=utf-8",
    ".onnx": "application/onnx",
}
"""Media type by suffix; any other file is `application/octet-stream`."""


class ArtifactStore:
    """A local folder: `<root>/<job>/<attempt>/...` for what is finished, `<root>/.staging/...` for what is not.

    Files become visible in three steps: the attempt writes under `staging`, `commit` moves that folder in whole, and
    one transaction of the job store writes the manifest. Only what is in a manifest is ever served, so a folder without
    one is rubbish, and `remove_orphans` takes it away.

    Args:
        root: the folder; it is made when it is first needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def staging(self, job_id: str, attempt: int) -> Path:
        """A path for the attempt to write its folder: the path is free, its parent exists and is the attempt's own.

        Raises:
            OSError: the artifacts folder cannot be written.
        """
        self.discard(job_id, attempt)
        workplace = self._workplace(job_id, attempt)
        workplace.mkdir(parents=True)
        return workplace / "out"

    def commit(self, job_id: str, attempt: int) -> tuple[Artifact, ...]:
        """Move the attempt's files in whole, safe on the disk, and list them.

        Returns:
            The manifest, by name, for the transaction that makes the files visible.

        Raises:
            OSError: the folder cannot be read or moved.
        """
        source = self._workplace(job_id, attempt) / "out"
        manifest = []
        for path in sorted(source.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                continue
            manifest.append(_seal(path, path.relative_to(source).as_posix()))
        for folder in (source, *(path for path in source.rglob("*") if path.is_dir())):
            _flush_folder(folder)
        target = self._folder(job_id, attempt)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        _flush_folder(target.parent)
        _flush_folder(self.root)
        self.discard(job_id, attempt)
        return tuple(manifest)

    def path(self, job_id: str, attempt: int, name: str) -> Path:
        """The file of an artifact whose name was found in the job's manifest.

        Raises:
            ArtifactLost: the file is gone, or the name does not lie inside the job's folder.
        """
        relative = PurePosixPath(name)
        if relative.is_absolute() or not relative.parts or ".." in relative.parts or "\0" in name:
            raise ArtifactLost(f"got the artifact name {name!r}; allowed: a relative path inside the job's folder")
        path = self._folder(job_id, attempt).joinpath(*relative.parts)
        if path.is_symlink() or not path.is_file():
            raise ArtifactLost(
                f"the file of artifact {name!r} of job {job_id} is gone from {self.root}: restore the folder from a "
                "copy, or run the job again"
            )
        return path

    def discard(self, job_id: str, attempt: int) -> None:
        """Remove what the attempt has staged; nothing happens where there is nothing."""
        workplace = self._workplace(job_id, attempt)
        shutil.rmtree(workplace, ignore_errors=True)
        _remove_if_empty(workplace.parent)

    def withdraw(self, job_id: str, attempt: int) -> None:
        """Remove what the attempt has committed, because its job did not want it any more."""
        folder = self._folder(job_id, attempt)
        shutil.rmtree(folder, ignore_errors=True)
        _remove_if_empty(folder.parent)

    def attempts(self) -> tuple[tuple[str, int], ...]:
        """Every (job id, attempt) that has a folder, staged or committed."""
        found = set()
        for root in (self.root, self.root / STAGING):
            for job in root.iterdir() if root.is_dir() else ():
                if is_job_id(job.name) and job.is_dir():
                    found |= {(job.name, int(part.name)) for part in job.iterdir() if part.name.isdecimal()}
        return tuple(sorted(found))

    def remove_orphans(self, wanted: Collection[tuple[str, int]], candidates: Collection[tuple[str, int]]) -> int:
        """Remove the folders of those `candidates` that are not `wanted`.

        List the candidates with `attempts` *before* asking the job store which are wanted: an attempt that starts in
        between is then no candidate.

        Returns:
            How many attempts lost their folders.
        """
        orphans = set(candidates) - set(wanted)
        for job_id, attempt in orphans:
            self.discard(job_id, attempt)
            self.withdraw(job_id, attempt)
        return len(orphans)

    def _folder(self, job_id: str, attempt: int) -> Path:
        if not is_job_id(job_id):
            raise ArtifactLost(f"got the job id {job_id!r}; allowed: a UUID as `POST /v1/jobs` gave it")
        return self.root / job_id / str(int(attempt))

    def _workplace(self, job_id: str, attempt: int) -> Path:
        return self.root / STAGING / self._folder(job_id, attempt).relative_to(self.root)


def _seal(path: Path, name: str) -> Artifact:
    """Write one file through to the disk, and describe it."""
    # A link could point anywhere, and would be served.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256")
        size = os.fstat(file.fileno()).st_size
    return Artifact(name, size, digest.hexdigest(), MEDIA_TYPES.get(path.suffix, "application/octet-stream"))


def _flush_folder(folder: Path) -> None:
    """Write a folder's entries through to the disk: without it, a rename can be lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Another attempt is in it, or it was never there.
        return
