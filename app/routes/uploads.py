"""`/v1/datasets`, and the same for every kind of upload: upload, list, look at and remove files of the user's own.

The annotations below are no strings: the framework reads those of functions that are made for a kind.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from app.operations.table import UPLOAD_OPERATIONS
from app.problems.faults import fault_document
from app.problems.problem import Problem, Responses, faults_of_parameters, problem_responses
from app.requests.dependencies import AppSettings, Blobs, Checkers, Linked, store_of
from app.requests.uploaded_file import uploaded_file
from app.routes.route import Router
from app.routes.upload_views import UploadViews
from app.uploads.upload_kind import UploadKind
from hwcore.uploads import UploadInvalid
from worker.contract import Blob, BlobStore, Settings, UploadStore


class UploadQuery(BaseModel):
    """The query of an upload; unknown parameters are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=200, pattern=r"^[^\x00]*$", description="what people call it")


def upload_router(kind: UploadKind) -> Router:
    """Make the routes of one kind of upload."""
    name, words = kind.name, kind.words
    operations, views = UPLOAD_OPERATIONS[name], UploadViews.of(kind)
    router = Router(tags=[words.plural])
    store_of_kind, file_of_kind = Depends(store_of(kind)), Depends(uploaded_file(kind))
    identifier = PathParameter(alias=f"{name}_id")
    same_bytes: Responses = {200: {"model": views.one, "description": "The same bytes were there already"}}

    @router.operation(
        operations.post,
        name=f"post_{name}",
        status_code=201,
        summary=f"Upload a {name}",
        description=f"Judge {words.file}, and keep its bytes.\n\n"
        "The body is the file itself, written to the disk as it comes. "
        f"The same bytes twice are one {name}: the second time\n"
        "the answer is 200, with the same id and the first name. A file that has no room any more is refused before it "
        "is\nread where its length is announced, and before it is kept in any case.",
        response_model=views.one,
        responses=same_bytes
        | problem_responses(
            "BODY_TOO_LARGE",
            "REQUEST_TIMEOUT",
            "UNSUPPORTED_MEDIA_TYPE",
            kind.invalid,
            "INVALID_PARAMETER",
            "QUOTA_EXCEEDED",
            "STORE_UNAVAILABLE",
            "ARTIFACTS_UNAVAILABLE",
        ),
    )
    async def post_upload(
        query: Annotated[UploadQuery, Query()],
        file: Annotated[Path, file_of_kind],
        response: Response,
        settings: AppSettings,
        store: Annotated[UploadStore, store_of_kind],
        blobs: Blobs,
        checkers: Checkers,
        links: Linked,
    ) -> BaseModel:
        async with checkers:
            description = await run_in_threadpool(_checked, kind, file, settings)
        blob = await run_in_threadpool(_kept, file, store, blobs)
        upload, new = await run_in_threadpool(store.add, blob.sha256, blob.size, description, query.name)
        response.status_code = 201 if new else 200
        response.headers["Location"] = links.upload(words.plural, upload.id)
        return views.shown(upload, links)

    @router.operation(
        operations.list,
        name=f"list_{words.plural}",
        summary=f"List the {words.plural}",
        description="Newest first.",
        response_model=views.page,
        responses=problem_responses("INVALID_PARAMETER", "STORE_UNAVAILABLE"),
    )
    def list_uploads(
        query: Annotated[views.query, Query()],  # type: ignore[name-defined]
        store: Annotated[UploadStore, store_of_kind],
        links: Linked,
    ) -> BaseModel:
        with faults_of_parameters():
            page = store.list(limit=query.limit, cursor=query.cursor)
        return views.shown_page(page, links)

    @router.operation(
        operations.get,
        name=f"get_{name}",
        summary=f"Look at a {name}",
        description="What is in it, and how a job names it.",
        response_model=views.one,
        responses=problem_responses(kind.not_found, "STORE_UNAVAILABLE"),
    )
    def get_upload(
        upload_id: Annotated[str, identifier], store: Annotated[UploadStore, store_of_kind], links: Linked
    ) -> BaseModel:
        return views.shown(store.get(upload_id), links)

    @router.operation(
        operations.delete,
        name=f"delete_{name}",
        status_code=204,
        summary=f"Remove a {name}",
        description=f"Refused while a queued or running job {words.use} it. Finished jobs keep what they made.",
        responses=problem_responses(kind.not_found, kind.in_use, "STORE_UNAVAILABLE"),
    )
    def delete_upload(upload_id: Annotated[str, identifier], store: Annotated[UploadStore, store_of_kind]) -> None:
        store.remove(upload_id)

    return router


def _checked(kind: UploadKind, file: Path, settings: Settings) -> Mapping[str, Any]:
    """The description of a file, as its check gives it.

    Raises:
        Problem: the reason `kind.invalid`, with the fault.
    """
    try:
        return kind.check(file, settings)
    except UploadInvalid as error:
        raise Problem(kind.invalid, str(error), errors=[fault_document(error.fault)]) from error


def _kept(file: Path, store: UploadStore, blobs: BlobStore) -> Blob:
    """The file as a blob, where there is room for it: what is refused after that lies in the store until it is garbage.

    Raises:
        QuotaExceeded: there is none.
        BlobStoreUnavailable: it cannot be kept.
    """
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    store.check_room(file.stat().st_size, digest)
    return blobs.put_file(file)
