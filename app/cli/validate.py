"""`mho validate`: check a job or a hardware description without running it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.options import URL_VARIABLE, JobFile, Json, checked_url
from app.client import Client, ProblemError
from app.faults import fault_document
from app.known_dataset import contents_of, unknown_dataset
from hwcore.errors import InvalidInput
from hwcore.spec import (
    CompileJob,
    FileDataset,
    UploadedDataset,
    dataset_facts,
    dataset_title,
    parse_hardware,
    parse_job,
    plan_text,
    read_document,
    with_contents,
)
from worker.contract.job_file import named_in_faults, read_job_file

INVALID = 2


def validate(
    source: JobFile,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar=URL_VARIABLE,
            metavar="URL",
            help="The server that has the uploaded dataset.",
            callback=checked_url,
        ),
    ] = None,
    json_output: Json = False,
) -> None:
    """Check a job, or a hardware description alone, without running it.

    Needs no server. A job on an uploaded dataset is held against that dataset where a server is named, by --url or
    MHO_URL; without one it says that it was not. Prints one line per fault, each with the field, what came and what is
    allowed, and exits 2 if there is any.
    """
    try:
        with named_in_faults(source):
            summary = _check(read_job_file(source), url)
    except InvalidInput as error:
        if not json_output:
            raise
        faults = [fault_document(fault) for fault in error.faults]
        typer.echo(json.dumps({"valid": False, "errors": faults}))
        raise typer.Exit(INVALID) from error
    typer.echo(json.dumps({"valid": True, **summary["resolved"]}) if json_output else summary["text"])


def _check(content: bytes, url: str | None) -> dict[str, Any]:
    """What a valid document says, in words and resolved."""
    document = read_document(content)
    if "cell" in document and "hardware" not in document:
        hardware = parse_hardware(document)
        resolved = hardware.model_dump(mode="json")
        return {"text": "valid hardware description", "resolved": {"kind": "hardware", "hardware": resolved}}
    job = parse_job(document)
    unchecked = ""
    match job.dataset:
        case UploadedDataset() if url is not None:
            job = _held_against(url, document, job.dataset)
        case UploadedDataset(id=dataset_id):
            unchecked = f"the uploaded dataset {dataset_id}, which only its server knows (--url or MHO_URL)"
        case FileDataset(path=path):
            unchecked = f"the file {path}, which is opened when the job is run"
    text = f"valid job: {dataset_title(job.dataset)}, network {_network(job)}"
    text += f". Not checked: {unchecked}" if unchecked else ""
    resolved = job.resolved().model_dump(mode="json")
    return {"text": text, "resolved": {"kind": "job", "job": resolved, "dataset_checked": not unchecked}}


def _network(job: CompileJob) -> str:
    """The network in one word, where the shape of the data is known."""
    if dataset_facts(job.dataset) is None:
        return "as large as the data, which are looked into when the job is taken"
    return plan_text(job.resolved().plan)


def _held_against(url: str, document: Mapping[str, Any], dataset: UploadedDataset) -> CompileJob:
    """The job with what the server knows of its dataset.

    Raises:
        InvalidInput: there is no such dataset, the document says other things of it, or the network does not fit.
        ServerUnreachable: nobody answers.
    """
    with Client(url) as client:
        try:
            found = client.dataset(dataset.id)
        except ProblemError as error:
            if error.reason == "DATASET_NOT_FOUND":
                raise unknown_dataset(dataset.id) from error
            raise
    return parse_job(with_contents(document, dataset, contents_of(found["sha256"], found["description"])))
