"""`/v1/datasets`: upload, list, show and remove the user's data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from app.answers.links import Links
from app.operations.table import DELETE_DATASET, GET_DATASET, LIST_DATASETS, POST_DATASET
from app.problems.problem import Responses, faults_of_parameters, problem_responses
from app.requests.dataset_upload import Upload
from app.requests.dependencies import AppSettings, Blobs, Datasets, Judges, Linked
from app.routes.route import Router
from hwcore.uploads import Description, Limits, describe
from worker.contract import Blob, BlobStore, StoredUpload, UploadStore

router = Router(tags=["datasets"])


class UploadQuery(BaseModel):
    """The query of an upload; unknown parameters are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=200, pattern=r"^[^\x00]*$", description="what people call it")


class ListQuery(BaseModel):
    """The query of a list; unknown parameters are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="datasets per page, 1 to 200")
    cursor: str | None = Field(
        None,
        max_length=500,
        description="`next_cursor` of the page before",
        json_schema_extra={"pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    )


class DatasetView(BaseModel):
    """One uploaded dataset."""

    id: str = Field(description="UUID (version 7: ids sort by time)")
    name: str = Field(description="the name given when it was first posted, or empty")
    sha256: str = Field(description="SHA-256 of the bytes as they came")
    size: int = Field(description="bytes as they came")
    created_at: datetime = Field(description="when it was first posted, RFC 3339, UTC")
    description: dict[str, Any] = Field(
        description="what is in it: format, height, width, classes, training_images, test_images, split, full_scale, "
        "images of each class, warnings"
    )
    dataset: dict[str, str] = Field(description="what a job says to be trained on it")
    href: str = Field(description="this dataset")


class DatasetList(BaseModel):
    """A page of datasets, newest first."""

    datasets: list[DatasetView]
    next_cursor: str | None = Field(description="pass as `cursor` for the next page; null on the last one")


SAME_BYTES: Responses = {200: {"model": DatasetView, "description": "The same bytes were there already"}}


@router.operation(
    POST_DATASET,
    status_code=201,
    summary="Upload a dataset",
    responses=SAME_BYTES
    | problem_responses(
        "BODY_TOO_LARGE",
        "REQUEST_TIMEOUT",
        "UNSUPPORTED_MEDIA_TYPE",
        "DATASET_INVALID",
        "INVALID_PARAMETER",
        "QUOTA_EXCEEDED",
        "STORE_UNAVAILABLE",
        "ARTIFACTS_UNAVAILABLE",
    ),
)
async def post_dataset(
    query: Annotated[UploadQuery, Query()],
    upload: Upload,
    response: Response,
    settings: AppSettings,
    datasets: Datasets,
    blobs: Blobs,
    judges: Judges,
    links: Linked,
) -> DatasetView:
    """Judge an npz file (without pickles) or a zip of IDX files, and keep its bytes.

    The body is the file itself, written to the disk as it comes. The same bytes twice are one dataset: the second time
    the answer is 200, with the same id and the first name. A file that has no room any more is refused before it is
    read where its length is announced, and before it is kept in any case.
    """
    limits = Limits(file_bytes=settings.max_dataset_bytes, unpacked_bytes=settings.max_dataset_unpacked_bytes)
    async with judges:
        description = await run_in_threadpool(describe, upload, limits)
    blob = await run_in_threadpool(_kept, upload, datasets, blobs)
    found, new = await run_in_threadpool(datasets.add, blob.sha256, blob.size, _json(description), query.name)
    response.status_code = 201 if new else 200
    response.headers["Location"] = links.dataset(found.id)
    return _view(found, links)


@router.operation(
    LIST_DATASETS, summary="List the datasets", responses=problem_responses("INVALID_PARAMETER", "STORE_UNAVAILABLE")
)
def list_datasets(query: Annotated[ListQuery, Query()], datasets: Datasets, links: Linked) -> DatasetList:
    """Newest first."""
    with faults_of_parameters():
        page = datasets.list(limit=query.limit, cursor=query.cursor)
    return DatasetList(datasets=[_view(each, links) for each in page.uploads], next_cursor=page.next_cursor)


@router.operation(
    GET_DATASET,
    summary="Look at a dataset",
    responses=problem_responses("DATASET_NOT_FOUND", "STORE_UNAVAILABLE"),
)
def get_dataset(dataset_id: str, datasets: Datasets, links: Linked) -> DatasetView:
    """What is in it, and how a job names it."""
    return _view(datasets.get(dataset_id), links)


@router.operation(
    DELETE_DATASET,
    status_code=204,
    summary="Remove a dataset",
    responses=problem_responses("DATASET_NOT_FOUND", "DATASET_IN_USE", "STORE_UNAVAILABLE"),
)
def delete_dataset(dataset_id: str, datasets: Datasets) -> None:
    """Refused while a queued or running job is trained on it. Finished jobs keep what they made."""
    datasets.remove(dataset_id)


def _kept(upload: Path, datasets: UploadStore, blobs: BlobStore) -> Blob:
    """The file as a blob, where there is room for it: what is refused after that lies in the store until it is garbage.

    Raises:
        QuotaExceeded: there is none.
        BlobStoreUnavailable: it cannot be kept.
    """
    with upload.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    datasets.check_room(upload.stat().st_size, digest)
    return blobs.put_file(upload)


def _json(description: Description) -> Mapping[str, Any]:
    """The description as plain JSON values."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(description).items()}


def _view(found: StoredUpload, links: Links) -> DatasetView:
    """One dataset as it is shown."""
    return DatasetView(
        id=found.id,
        name=found.name,
        sha256=found.sha256,
        size=found.size,
        created_at=found.created_at,
        description=dict(found.description),
        dataset={"type": "uploaded", "id": found.id},
        href=links.dataset(found.id),
    )
