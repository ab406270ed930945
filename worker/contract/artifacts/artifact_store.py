"""An attempt's files: written aside on the worker's own disk, and kept as blobs once the attempt has succeeded."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from hwcore.media_types import media_type_of
from worker.contract.blobs.blob_store import BlobStore
from worker.contract.errors import JobNotFound
from worker.contract.ids import is_id
from worker.contract.jobs.job import Artifact
from worker.contract.settings.settings import Settings


class ArtifactStore:
    """Folders in which attempts write (`<staging>/<job>/<attempt>/`), and the way from there to blobs.

    Files become visible in three steps: the attempt writes under `staging`, `commit` keeps each file as a blob, and one
    transaction of the job store writes the manifest. Only what is in a manifest is ever served; a blob that is in none
    is rubbish, and `worker.contract.upkeep.garbage` takes it away.

    Args:
        blobs: where the files are kept.
        staging: the folder for attempts under way; it is made when it is first needed.
    """

    def __init__(self, blobs: BlobStore, staging: Path) -> None:
        self.blobs = blobs
        self.root = staging

    @classmethod
    def of(cls, settings: Settings) -> ArtifactStore:
        """The one that these settings mean."""
        return cls(BlobStore(settings.artifacts_url), settings.staging_dir)

    def staging(self, job_id: str, attempt: int) -> Path:
        """A path for the attempt to write its folder: the path is free, its parent exists and is the attempt's own.

        Raises:
            OSError: the staging folder cannot be written.
        """
        self.discard(job_id, attempt)
        workplace = self._workplace(job_id, attempt)
        workplace.mkdir(parents=True)
        return workplace / "out"

    def commit(self, job_id: str, attempt: int) -> tuple[Artifact, ...]:
        """Keep the attempt's files, safe on the disk or in the bucket, and list them.

        Args:
            job_id: the job.
            attempt: its attempt.

        Returns:
            The manifest, by name, for the transaction that makes the files visible.

        Raises:
            OSError: there is no folder.
            BlobStoreUnavailable: a file cannot be kept.
        """
        source = self._workplace(job_id, attempt) / "out"
        if not source.is_dir():
            raise FileNotFoundError(f"the attempt has left no folder {source}")
        manifest = []
        for path in sorted(source.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                continue
            name = path.relative_to(source).as_posix()
            blob = self.blobs.put_file(path)
            manifest.append(Artifact(name, blob.size, blob.sha256, media_type_of(name)))
        self.discard(job_id, attempt)
        return tuple(manifest)

    def discard(self, job_id: str, attempt: int) -> None:
        """Remove what the attempt has staged; nothing happens where there is nothing."""
        workplace = self._workplace(job_id, attempt)
        shutil.rmtree(workplace, ignore_errors=True)
        _remove_if_empty(workplace.parent)

    def attempts(self) -> tuple[tuple[str, int], ...]:
        """Every (job id, attempt) that has something staged."""
        found = set()
        for job in self.root.iterdir() if self.root.is_dir() else ():
            if is_id(job.name) and job.is_dir():
                found |= {(job.name, int(part.name)) for part in job.iterdir() if part.name.isdecimal()}
        return tuple(sorted(found))

    def remove_orphans(self, wanted: Collection[tuple[str, int]], candidates: Collection[tuple[str, int]]) -> int:
        """Remove what those `candidates` have staged that are not `wanted`.

        List the candidates with `attempts` *before* asking the job store which are wanted: an attempt that starts in
        between is then no candidate.

        Returns:
            How many attempts lost their folders.
        """
        orphans = set(candidates) - set(wanted)
        for job_id, attempt in orphans:
            self.discard(job_id, attempt)
        return len(orphans)

    def _workplace(self, job_id: str, attempt: int) -> Path:
        if not is_id(job_id):
            raise JobNotFound(f"got the job id {job_id!r}; allowed: a UUID as `POST /v1/jobs` gave it")
        return self.root / job_id / str(int(attempt))


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Another attempt is in it, or it was never there.
        return
