"""`mho validate`: check a job or a hardware description without a server."""

from __future__ import annotations

import json
from typing import Any

import typer

from app.cli.options import JobFile, Json
from app.faults import fault_document
from hwcore.errors import InvalidInput
from hwcore.spec import dataset_facts, dataset_title, parse_hardware, parse_job, plan_text, read_document
from worker.contract.job_file import read_job_file

INVALID = 2


def validate(source: JobFile, json_output: Json = False) -> None:
    """Check a job, or a hardware description alone, without running it and without a server.

    Prints one line per fault, each with the field, what came and what is allowed, and exits 2 if there is any.
    """
    try:
        summary = _check(read_job_file(source))
    except InvalidInput as error:
        if not json_output:
            raise
        faults = [fault_document(fault) for fault in error.faults]
        typer.echo(json.dumps({"valid": False, "errors": faults}))
        raise typer.Exit(INVALID) from error
    typer.echo(json.dumps({"valid": True, **summary["resolved"]}) if json_output else summary["text"])


def _check(content: bytes) -> dict[str, Any]:
    """What a valid document says, in words and resolved."""
    document = read_document(content)
    if "cell" in document and "hardware" not in document:
        hardware = parse_hardware(document)
        resolved = hardware.model_dump(mode="json")
        return {"text": "valid hardware description", "resolved": {"kind": "hardware", "hardware": resolved}}
    job = parse_job(document).resolved()
    known = dataset_facts(job.dataset) is not None
    network = plan_text(job.plan) if known else "as large as the data, which are looked into when the job is taken"
    text = f"valid job: {dataset_title(job.dataset)}, network {network}"
    return {"text": text, "resolved": {"kind": "job", "job": job.model_dump(mode="json")}}
