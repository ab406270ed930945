"""Downloads files: a set of them into a folder, or one, which appear whole and verified or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from hwcore.errors import OutputExists, OutputNotWritable

Fetch = Callable[[str, int], Iterator[bytes]]
"""The bytes behind an href, from an offset on."""

ATTEMPTS = 4
"""Attempts at a download; each one goes on where the last one broke."""


class DownloadDamaged(Exception):
    """A file arrived with other bytes than the server promised, or under a name that leads out of the folder."""


def download_all(artifacts: Sequence[Mapping[str, Any]], folder: Path, fetch: Fetch, *, force: bool = False) -> Path:
    """Fetch every artifact beside the folder, verify each, then move them in at once.

    Args:
        artifacts: objects with name, size (bytes), sha256 (hex) and href.
        folder: where to; must not exist, unless `force`.
        fetch: gives the bytes.
        force: replace a folder that exists, if it is empty or holds the artifacts of a job.

    Returns:
        The folder.

    Raises:
        OutputExists: the folder exists, or a file has its name.
        OutputNotWritable: nothing can be written beside it.
        DownloadDamaged: see there.
    """
    folder = Path(os.path.abspath(folder))
    if folder.exists():
        _check_replaceable(folder, force=force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputNotWritable(f"{folder} cannot be written: {error.strerror or error}") from error
    try:
        whole = staging / "new"
        whole.mkdir()
        for artifact in artifacts:
            path = whole / _safe_name(str(artifact["name"]))
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                fetch_into(file, artifact, fetch)
        _move_in(whole, folder, staging / "old", force=force)
    except ConnectionError:
        raise
    except OSError as error:
        raise OutputNotWritable(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def _check_replaceable(folder: Path, *, force: bool) -> None:
    """Refuse what is in the way, unless it may be replaced: never a folder that mho has not written."""
    if not force:
        raise OutputExists(f"{folder} exists already; choose another folder, or --force (in Python: force=True)")
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / "manifest.json").is_file()):
        raise OutputExists(f"{folder} exists and is not the output of a job, so --force does not replace it")


def _move_in(whole: Path, folder: Path, old: Path, *, force: bool) -> None:
    """Put the new folder in place of the old one; where that fails, the old one stays."""
    if folder.exists():
        # It may have come while the files did.
        _check_replaceable(folder, force=force)
        folder.rename(old)
    try:
        whole.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def download_one(artifact: Mapping[str, Any], path: Path, fetch: Fetch, *, force: bool = False) -> Path:
    """Fetch one file beside `path`, verify it, then move it there.

    Args:
        artifact: an object with name, size (bytes), sha256 (hex) and href.
        path: where to; must not exist, unless `force`.
        fetch: gives the bytes.
        force: replace a file that exists.

    Returns:
        The path.

    Raises:
        OutputExists: there is something already.
        OutputNotWritable: nothing can be written there.
        DownloadDamaged: see there.
    """
    path = Path(os.path.abspath(path))
    if path.exists() and (not force or path.is_dir()):
        advice = "choose another name" if path.is_dir() else "choose another name, or replace it with force=True"
        raise OutputExists(f"{path} exists already; {advice}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name[:100]}-", dir=path.parent) as staging:
            whole = Path(staging) / "new"
            with whole.open("wb") as file:
                fetch_into(file, artifact, fetch)
            whole.replace(path)
    except ConnectionError:
        raise
    except OSError as error:
        raise OutputNotWritable(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def fetch_into(file: BinaryIO, artifact: Mapping[str, Any], fetch: Fetch) -> None:
    """Fetch one file, taking up a broken download where it broke; verify size and digest.

    Args:
        file: where the bytes are written as they come; worth nothing where this raises.
        artifact: an object with name, size (bytes), sha256 (hex) and href.
        fetch: gives the bytes.

    Raises:
        DownloadDamaged: other bytes came than were promised.
        ConnectionError: the download broke again and again.
    """
    digest, size, expected = hashlib.sha256(), 0, int(artifact["size"])
    for attempt in range(ATTEMPTS):
        try:
            for block in fetch(str(artifact["href"]), size):
                size += len(block)
                if size > expected:
                    raise DownloadDamaged(f"{artifact['name']}: more than the {expected:,} bytes promised")
                file.write(block)
                digest.update(block)
            break
        except ConnectionError:
            if attempt == ATTEMPTS - 1:
                raise
    if size != expected or digest.hexdigest() != artifact["sha256"]:
        raise DownloadDamaged(
            f"{artifact['name']}: got {size:,} bytes with SHA-256 {digest.hexdigest()}, "
            f"expected {expected:,} with {artifact['sha256']}; nothing was kept, download again"
        )


def _safe_name(name: str) -> PurePosixPath:
    """The name as a relative path that stays inside its folder; a server is not trusted with more."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or "\x00" in name:
        raise DownloadDamaged(f"the server names a file {name!r}, which leads out of the folder")
    return path
