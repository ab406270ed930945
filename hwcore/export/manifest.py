"""manifest.json: the digest of every file, and all that is needed to make them again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwcore.export.text import write_json
from hwcore.media_types import media_type_of
from hwcore.spec import CompileJob


def write_manifest(folder: Path, job: CompileJob, *, versions: Mapping[str, str], run: Mapping[str, Any]) -> None:
    """List every file of the folder with its size and SHA-256, then the resolved job, versions, seed and the run.

    A file in a folder below has its relative path with `/` for a name: `plots/ladder.svg`.

    Everything in the folder is the same byte for byte when the same job runs again with the same versions on the same
    kind of machine, but for this file: `run` says when, where and how long.
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
            "seed": job.training.seed,
            "versions": dict(versions),
            "run": dict(run),
        },
    )
