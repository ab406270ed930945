"""The download of an artifact: by the kernel from a folder, in pieces from a bucket, the same headers from both."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from app.byte_range import byte_range
from app.stored_file import StoredFile


def file_response(request: Request, file: StoredFile, headers: dict[str, str]) -> Response:
    """The file, whole or the range that was asked for.

    Args:
        request: `Range`, `If-Range`; HEAD gets the headers alone.
        file: the file.
        headers: with its `ETag`.

    Raises:
        BlobLost: the file is gone.
        BlobStoreUnavailable: the artifact store does not answer.
        Problem: RANGE_NOT_SATISFIABLE.
    """
    path, artifact = file.local_path(), file.artifact
    file_name = artifact.name.rpartition("/")[2]
    if path is not None:
        return FileResponse(path, media_type=artifact.media_type, filename=file_name, headers=headers)
    quoted = quote(file_name)
    shown = f'filename="{file_name}"' if quoted == file_name else f"filename*=utf-8''{quoted}"
    headers = headers | {"Accept-Ranges": "bytes", "Content-Disposition": f"attachment; {shown}"}
    part = byte_range(request, artifact.size, headers["ETag"])
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
