"""The download of an artifact: nothing but the bytes that the manifest promises, from a folder as from a bucket."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from app.files.byte_range import byte_ranges
from app.files.conditions import Validators
from app.files.stored_file import StoredFile, lost_by_name

AT_ONCE_BYTES = 2 << 20
"""A whole file up to this size is read once, compared with its digest, and sent from memory."""

CHECKED_SECONDS = 60.0
"""Seconds for which parts of a file, or its headers, may rely on a comparison of the whole, if it was not touched."""


def file_response(request: Request, file: StoredFile, validators: Validators, headers: dict[str, str]) -> Response:
    """The file, whole or the range that was asked for.

    Args:
        request: `Range`, `If-Range`; HEAD gets the headers alone.
        file: the file.
        validators: of the file.
        headers: with the validators.

    Raises:
        BlobStoreUnavailable: the artifact store does not answer.
        Problem: ARTIFACT_LOST; RANGE_NOT_SATISFIABLE.
    """
    artifact = file.artifact
    parts = byte_ranges(request, artifact.size, validators)
    if parts and len(parts) > 1 and file.blobs.folder is None:
        # Several would be as many requests to the bucket.
        parts = None
    file_name = artifact.name.rpartition("/")[2]
    quoted = quote(file_name)
    shown = f'filename="{file_name}"' if quoted == file_name else f"filename*=utf-8''{quoted}"
    headers = headers | {"Accept-Ranges": "bytes", "Content-Disposition": f"attachment; {shown}"}
    if parts is None and request.method != "HEAD":
        return _whole(file, headers)
    with lost_by_name(artifact):
        file.require_intact(CHECKED_SECONDS)
        path = file.local_path()
    if path is not None:
        _leave_ranges(request, parts)
        return FileResponse(path, media_type=artifact.media_type, filename=file_name, headers=headers)
    part = parts[0] if parts else None
    start, end = part or (0, artifact.size)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{artifact.size}"
    return StreamingResponse(
        iter(()) if request.method == "HEAD" else file.read(start, end),
        status_code=200 if part is None else 206,
        media_type=artifact.media_type,
        headers=headers,
    )


def _whole(file: StoredFile, headers: dict[str, str]) -> Response:
    """All bytes of a file, read now: a large one twice, before the first byte goes and while they go."""
    artifact = file.artifact
    with lost_by_name(artifact):
        if artifact.size <= AT_ONCE_BYTES:
            return Response(b"".join(file.read_intact()), media_type=artifact.media_type, headers=headers)
        file.require_intact()
    headers = headers | {"Content-Length": str(artifact.size)}
    return StreamingResponse(file.read_again(), media_type=artifact.media_type, headers=headers)


def _leave_ranges(request: Request, parts: list[tuple[int, int]] | None) -> None:
    """Write the ranges as they were read here into the request: the framework reads numbers that are none, such as 1_0.

    Args:
        request: as it came; its `If-Range` has been evaluated.
        parts: first byte and the one after the last of each; None for the whole file.
    """
    kept = [each for each in request.scope["headers"] if each[0] not in (b"range", b"if-range")]
    if parts is not None:
        ranges = ",".join(f"{start}-{end - 1}" for start, end in parts)
        kept.append((b"range", f"bytes={ranges}".encode()))
    request.scope["headers"] = kept
