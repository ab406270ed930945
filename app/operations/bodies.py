"""Bodies that routes read by themselves: jobs, and descriptions to resolve."""

from __future__ import annotations

from app.operations.operation import Body, Schema
from hwcore.spec import json_schema, kind_schema

FILE = "FileDataset"
"""Data that `mho compile` alone can be trained on, by its name in the schema of a job."""


def _job_schema() -> Schema:
    """A job as it can be posted: a server opens no file that a client names, so its data are no file."""
    return _without_files(json_schema("job"))


def _without_files(schema: Schema) -> Schema:
    """Take files out of the data of every kind of job in a schema."""
    for model in (schema, *schema["$defs"].values()):
        dataset = model.get("properties", {}).get("dataset")
        if dataset is not None:
            kinds = [kind for kind in dataset["oneOf"] if kind.get("$ref") != f"#/$defs/{FILE}"]
            description = dataset["description"].replace('"uploaded", "file", "named"', '"uploaded", "named"')
            model["properties"]["dataset"] = {**dataset, "oneOf": kinds, "description": description}
    del schema["$defs"][FILE]
    return schema


def _resolve_schema() -> Schema:
    """The two bodies of `/v1/hardware:resolve`."""
    hardware, job = json_schema("hardware"), _without_files(kind_schema("compile"))
    wrapped = {
        "type": "object",
        "additionalProperties": False,
        "required": ["hardware"],
        "properties": {
            "hardware": job["properties"]["hardware"],
            "model": _or_null(job["properties"]["model"], "the default network of a job"),
            "dataset": _or_null(job["properties"]["dataset"], "no cells and tiles are counted"),
        },
        "if": {"required": ["model"], "properties": {"model": {"not": {"type": "null"}}}},
        "then": {"required": ["dataset"], "properties": {"dataset": {"not": {"type": "null"}}}},
        "$defs": job.get("$defs", {}),
    }
    return {"anyOf": [wrapped, hardware]}


def _or_null(schema: Schema, meaning: str) -> Schema:
    """A schema that allows null as well, which means the same as to leave the field out."""
    described = {"description": f"{schema['description']} null, the default: {meaning}.", "default": None}
    inner = {name: value for name, value in schema.items() if name not in (*described, "discriminator")}
    return {**described, "anyOf": [inner, {"type": "null"}]}


JOB = Body(
    ("application/json",),
    _job_schema,
    example={"name": "a first job", "hardware": "fefet-2b", "dataset": "digits"},
)
RESOLVE = Body(
    ("application/json",),
    _resolve_schema,
    example={"hardware": "fefet-2b", "dataset": "digits", "model": {"type": "mlp", "hidden": [64]}},
)
