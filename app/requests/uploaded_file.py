"""An uploaded file on its way in: written to the disk as it comes, gone when the request is.

What can be refused is refused before the body is read: a type that is none, one upload too many, a full store.

The annotations below are no strings: the framework reads those of a function that is made for a kind.
"""

import functools
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.problems.problem import Problem
from app.requests.declared_body import DeclaredBody
from app.requests.dependencies import AppServices, AskedBy, store_of
from app.uploads.upload_kind import UploadKind
from worker.contract import BlobStoreUnavailable, UploadStore

LEFT_SECONDS = 24 * 3600.0
"""A file that is so old was left by a server that was killed."""


@functools.cache
def uploaded_file(kind: UploadKind) -> Callable[..., AsyncIterator[Path]]:
    """Make what gives a route the body of a request in a file of its own, in flat memory.

    Args:
        kind: that the file is to be.

    Raises:
        Problem: (when it is asked) UNSUPPORTED_MEDIA_TYPE; QUOTA_EXCEEDED, too many come at once. A body over the limit
            ends in the framework's own error.
        QuotaExceeded: (when it is asked) so many bytes as are announced have no room.
        BlobStoreUnavailable: (when it is asked) it cannot be written.
    """
    allowed = f"Content-Type {', '.join(kind.media_types)}, no Content-Encoding"

    async def file(
        request: Request,
        caller: AskedBy,
        services: AppServices,
        store: Annotated[UploadStore, Depends(store_of(kind))],
    ) -> AsyncIterator[Path]:
        body = DeclaredBody.of(request)
        if body.media_type not in kind.media_types or body.encoding != "identity":
            raise body.refusal(allowed)
        places = services.upload_places
        taken = places.take(caller.owner)
        if taken is not None:
            detail = f"{taken} upload at once, as many as may; send it again when one is through."
            raise Problem("QUOTA_EXCEEDED", detail)
        try:
            # A body without a length is held against the room once it is here, as every body is.
            announced = request.headers.get("content-length", "")
            if announced.isdecimal():
                await run_in_threadpool(store.check_room, int(announced))
            path = await run_in_threadpool(_new_file, services.settings.home / "uploads")
            try:
                async for chunk in request.stream():
                    await run_in_threadpool(_append, path, chunk)
                yield path
            finally:
                path.unlink(missing_ok=True)
        finally:
            places.free(caller.owner)

    return file


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
