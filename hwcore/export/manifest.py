"""manifest.json: the digest of every file, and everything needed to make the files again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwcore.export.text import write_json
from hwcore.media_types import media_type_of
from hwcore.spec import JobDocument


def write_manifest(folder: Path, job: JobDocument, *, versions: Mapping[str, str], run: Mapping[str, Any]) -> None:
    """List every file of the folder with its size and SHA-256, then the resolved job, versions, seed and the run.

    The name of a file is its path below the folder, with `/`: `plots/ladder.svg`. The manifest comes last, and is the
    only file whose bytes differ when the same job runs again with the same versions on the same kind of machine.

    Args:
        folder: of the job, with all other files in it.
        job: resolved.
        versions: of the packages that computed the files, by name.
        run: facts of this run: its time, machine and duration.
    """
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        name = path.relative_to(folder).as_posix()
        files[name] = {"size": path.stat().st_size, "sha256": digest, "media_type": media_type_of(name)}
    write_json(
        folder / "manifest.json",
        {
            "format": "mho.manifest/1",
            "files": files,
            "job": job.model_dump(mode="json"),
            "seed": job.seed,
            "versions": dict(versions),
            "run": dict(run),
        },
    )
