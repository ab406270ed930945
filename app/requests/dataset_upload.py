"""An uploaded file on its way in: written to the disk as it comes, gone when the request is.

What can be refused is refused before the body is read: a type that is none, one upload too many, a full store.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.operations.bodies import UPLOAD_TYPES
from app.problems.problem import Problem
from app.requests.declared_body import DeclaredBody
from app.requests.dependencies import AppServices, AskedBy, Datasets
from worker.contract import BlobStoreUnavailable

LEFT_SECONDS = 24 * 3600.0
"""A file that is so old was left by a server that was killed."""


async def _uploaded_file(
    request: Request, caller: AskedBy, datasets: Datasets, services: AppServices
) -> AsyncIterator[Path]:
    """The body in a file of its own, in flat memory.

    Raises:
        Problem: UNSUPPORTED_MEDIA_TYPE; QUOTA_EXCEEDED, too many come at once. A body over the limit ends in the
            framework's own error.
        QuotaExceeded: there is no room for the announced bytes.
        BlobStoreUnavailable: it cannot be written.
    """
    body = DeclaredBody.of(request)
    if body.media_type not in UPLOAD_TYPES or body.encoding != "identity":
        raise body.refusal(f"Content-Type {', '.join(UPLOAD_TYPES)}, no Content-Encoding")
    places = services.uploads
    taken = places.take(caller.owner)
    if taken is not None:
        raise Problem("QUOTA_EXCEEDED", f"{taken} upload at once, as many as may; send it again when one is through.")
    try:
        # A body without a length is held against the room once it is here, as every body is.
        announced = request.headers.get("content-length", "")
        if announced.isdecimal():
            await run_in_threadpool(datasets.check_room, int(announced))
        path = await run_in_threadpool(_new_file, services.settings.home / "uploads")
        try:
            async for chunk in request.stream():
                await run_in_threadpool(_append, path, chunk)
            yield path
        finally:
            path.unlink(missing_ok=True)
    finally:
        places.free(caller.owner)


def _new_file(folder: Path) -> Path:
    """An empty file that only this user can read."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in folder.iterdir():
            # Another server may be removing it, too.
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < time.time() - LEFT_SECONDS:
                    left.unlink()
        descriptor, name = tempfile.mkstemp(dir=folder)
        os.close(descriptor)
    except OSError as error:
        raise _not_kept(folder, error) from error
    return Path(name)


def _append(path: Path, chunk: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(chunk)
    except OSError as error:
        raise _not_kept(path.parent, error) from error


def _not_kept(folder: Path, error: OSError) -> BlobStoreUnavailable:
    return BlobStoreUnavailable(
        f"the upload cannot be written to {folder}: {error.strerror or error}; see the folder's rights and the space "
        "on its disk (MHO_HOME)"
    )


Upload = Annotated[Path, Depends(_uploaded_file)]
