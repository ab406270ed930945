"""`/v1/jobs/{id}/conductances`: the conductance of every cell, one layer at a time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.conductances.conductance_file import ConductanceFile, ConductanceFileError, LayerShape, layer_range
from app.conductances.conductance_formats import FORMATS, UNIT
from app.files.conditions import Validators, precondition, sha256_etag
from app.files.stored_file import StoredFile
from app.operations.table import GET_LAYER, LIST_LAYERS
from app.problems.problem import Problem, Responses, problem_responses, shown
from app.requests.dependencies import Blobs, Jobs, Linked
from app.requests.finding import find_artifact, find_file, made_at
from app.routes.route import Router

router = Router(tags=["conductances"])

FILE = "conductances.npz"
"""The artifact that holds the conductances of all layers."""

PROBLEMS = (
    "JOB_NOT_FOUND",
    "JOB_NOT_SUCCEEDED",
    "ARTIFACT_NOT_FOUND",
    "ARTIFACT_LOST",
    "ARTIFACTS_UNAVAILABLE",
    "STORE_UNAVAILABLE",
)


ANSWERS: Responses = {
    200: {
        "description": "The layer; the layout of each format is described above",
        "content": {media_type.partition(";")[0]: {} for media_type, _ in FORMATS.values()},
    },
    304: {"description": "`If-None-Match` names the ETag of this format, or `If-Modified-Since` no earlier time"},
}
"""Answers with one layer when all is well."""


class LayerFormat(StrEnum):
    """The forms in which one layer is given."""

    NPZ = "npz"
    CSV = "csv"
    JSON = "json"
    PNG = "png"


class LayerQuery(BaseModel):
    """The query of one layer; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    format: LayerFormat = Field(LayerFormat.JSON, description="npz, csv, json or png")


class LayerView(BaseModel):
    """One layer in the index."""

    name: str = Field(description="name of the layer, e.g. fc1")
    rows: int = Field(ge=1, description="word lines: inputs, and the bias row where there is one")
    cols: int = Field(ge=1, description="bit lines: outputs")
    unit: str = Field(description="unit of the conductances: S")
    min: float = Field(description="smallest conductance of the layer, in S")
    max: float = Field(description="largest conductance of the layer, in S")
    links: dict[str, str] = Field(description="the layer in each format")


class LayerList(BaseModel):
    """Every layer of the network."""

    layers: list[LayerView]


@router.operation(LIST_LAYERS, summary="Index of the layers", responses=problem_responses(*PROBLEMS))
def list_layers(job_id: str, jobs: Jobs, blobs: Blobs, links: Linked) -> LayerList:
    """Shape, unit and range of every layer, with links."""
    _, artifact = find_artifact(jobs, job_id, FILE)
    path = find_file(blobs, artifact)
    try:
        with ConductanceFile(path) as file:
            shapes = [file.shape(name) for name in file.layer_names()]
        return LayerList(layers=[_layer_view(links.job(job_id), shape, path, artifact.sha256) for shape in shapes])
    except ConductanceFileError as error:
        raise _damaged(error) from error


@router.operation(
    GET_LAYER,
    summary="One layer's conductances",
    response_class=StreamingResponse,
    responses=ANSWERS | problem_responses(*PROBLEMS, "LAYER_NOT_FOUND", "PRECONDITION_FAILED", "INVALID_PARAMETER"),
)
def get_layer(
    job_id: str, layer: str, query: Annotated[LayerQuery, Query()], request: Request, jobs: Jobs, blobs: Blobs
) -> Response:
    """The conductances of the positive and the negative component in S, rows = word lines, columns = bit lines.

    - `npz`: `<layer>/g_pos`, `<layer>/g_neg` (float64), `<layer>/code_pos`, `<layer>/code_neg`, as in the artifact.
    - `csv`: comment lines (`#`) with layer, unit and layout; a header line; one line per word line:
      `row,g_pos_0,...,g_pos_<cols-1>,g_neg_0,...,g_neg_<cols-1>`.
    - `json`: `layer`, `unit`, `rows`, `cols`, and `g_pos`, `g_neg`, `code_pos`, `code_neg` as lists of rows.
    - `png`: 16-bit greys, one pixel per cell, the positive components left, the negative ones right. Black is the
      layer's smallest conductance and white its largest, in the text chunks `g_min` and `g_max` in S:
      g = g_min + grey / 65535 * (g_max - g_min).
    """
    job, artifact = find_artifact(jobs, job_id, FILE)
    path = find_file(blobs, artifact)
    try:
        with ConductanceFile(path) as file:
            names = file.layer_names()
            if layer not in names:
                raise Problem("LAYER_NOT_FOUND", f"got {shown(layer)}; this network has: {', '.join(names)}.")
            file.shape(layer)
    except ConductanceFileError as error:
        raise _damaged(error) from error
    validators = Validators(sha256_etag(artifact.sha256, f"{layer}.{query.format}"), made_at(job))
    headers = {**validators.headers(), "Cache-Control": "private, max-age=31536000, immutable"}
    media_type, chunks = FORMATS[query.format]
    file_name = f"{layer}.{query.format}"
    return precondition(request, validators, headers) or StreamingResponse(
        chunks(path, layer),
        media_type=media_type,
        headers=headers | {"Content-Disposition": f"attachment; filename*=utf-8''{quote(file_name)}"},
    )


def _layer_view(job: str, shape: LayerShape, path: StoredFile, sha256: str) -> LayerView:
    """One line of the index."""
    low, high = layer_range(path, sha256, shape.name)
    base = f"{job}/conductances/{quote(shape.name)}"
    return LayerView(
        name=shape.name,
        rows=shape.rows,
        cols=shape.cols,
        unit=UNIT,
        min=low,
        max=high,
        links={name: f"{base}?format={name}" for name in FORMATS},
    )


def _damaged(error: ConductanceFileError) -> Problem:
    """The problem for a file that is not what the export stage wrote."""
    return Problem("ARTIFACT_LOST", f"{FILE} cannot be read: {error}.")
