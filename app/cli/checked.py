"""Findings about a valid document: the job written out, cells and tiles, seconds, warnings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.client import Client, ProblemError
from app.requests.known_dataset import unknown_dataset
from hwcore.errors import Fault, InvalidInput
from hwcore.spec import (
    FileDataset,
    Footprint,
    Hardware,
    JobDocument,
    JobWarning,
    OwnDataset,
    UploadedDataset,
    contents_of,
    data_warnings,
    dataset_facts,
    dataset_title,
    estimated_seconds,
    footprint,
    hardware_warnings,
    hardware_written_out,
    own_dataset,
    parse_hardware,
    parse_job,
    plan_text,
    read_document,
    representable,
    representable_range,
    representable_text,
    target_source,
    with_contents,
)
from hwcore.uploads import ANY_SIZE, Limits, UploadInvalid, describe


@dataclass(frozen=True)
class Checked:
    """Findings about a valid document.

    Args:
        lines: for people.
        values: for machines, JSON-ready.
        warnings: what is probably not meant.
    """

    lines: tuple[str, ...]
    values: Mapping[str, Any]
    warnings: tuple[JobWarning, ...]


@dataclass(frozen=True)
class _Job:
    """A job with what is known of its data.

    Args:
        job: with their contents, where they are known.
        unchecked: the data that were not checked, in words; empty: none.
        images: to train on and to test on, of the user's data; None: not known, or data of mho.
        warnings: of the data.
    """

    job: JobDocument
    unchecked: str = ""
    images: tuple[int, int] | None = None
    warnings: tuple[JobWarning, ...] = ()


def check(content: bytes, folder: Path, url: str | None) -> Checked:
    """Check a job, or a hardware description alone.

    Args:
        content: the document.
        folder: where the files lie that it names.
        url: the server that knows of uploaded data; None: no server is asked.

    Raises:
        InvalidInput: every fault of the document, or of the data that it names.
        ServerUnreachable: nobody answers at `url`.
    """
    document = read_document(content)
    if "cell" in document and "hardware" not in document:
        return _checked_hardware(parse_hardware(document))
    return _checked_job(_known(parse_job(document), document, folder, url))


def folder_of(source: Path) -> Path:
    """The folder from which a document names files: its own, and for standard input this one."""
    return Path() if str(source) == "-" else source.parent


def _checked_hardware(hardware: Hardware) -> Checked:
    values = representable(hardware.resolved())
    warnings = hardware_warnings(hardware, values)
    findings = {
        "kind": "hardware",
        "hardware": hardware_written_out(hardware),
        "representable": representable_range(values),
    }
    lines = ("valid hardware description", f"weights: {representable_text(values)}")
    return Checked(lines, {**findings, "warnings": _plain(warnings)}, warnings)


def _checked_job(known: _Job) -> Checked:
    job = known.job.resolved()
    hardware, work = job.described_hardware, job.work()
    title, examination = dataset_title(work.dataset), work.examination
    values = representable(hardware)
    network, needs, seconds = "as large as the data, which are looked into when the job is taken", None, None
    if dataset_facts(work.dataset) is not None:
        network, seconds = plan_text(work.graph), estimated_seconds(job, known.images)
        needs = None if examination is None else footprint(hardware, work.graph)
    unchecked = f". Not checked: {known.unchecked}" if known.unchecked else ""
    lines = [f"valid job: {title}, network {network}{unchecked}", f"weights: {representable_text(values)}"]
    lines += [] if needs is None else [_chip_line(needs, hardware)]
    lines += [] if seconds is None else [_time_line(seconds)]
    warnings = (*job.warnings(), *known.warnings)
    findings = {
        "kind": "job",
        "job": job.written_out(),
        "target_accuracy_source": None if examination is None else target_source(examination),
        "dataset_checked": not known.unchecked,
        "representable": representable_range(values),
        "footprint": None if needs is None else {"cells": needs.cells, "tiles": needs.tiles},
        "estimated_seconds": None if seconds is None else float(f"{seconds:.2g}"),
        "warnings": _plain(warnings),
    }
    return Checked(tuple(lines), findings, warnings)


def _plain(warnings: tuple[JobWarning, ...]) -> list[dict[str, str]]:
    return [{"field": warning.field, "message": warning.message} for warning in warnings]


def _chip_line(needs: Footprint, hardware: Hardware) -> str:
    tiles = f"{needs.tiles:,} tile{'' if needs.tiles == 1 else 's'}"
    return f"chip: {needs.cells:,} cells in {tiles} of {hardware.array.rows} x {hardware.array.cols} pairs"


def _time_line(seconds: float) -> str:
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"time: roughly {seconds / size:.2g} {unit} on two processor cores, within a factor of three"
    return f"time: roughly {float(f'{seconds:.2g}'):g} s on two processor cores, within a factor of three"


def _known(job: JobDocument, document: Mapping[str, Any], folder: Path, url: str | None) -> _Job:
    """Find out what can be known of a job's data here."""
    dataset = own_dataset(job)
    match dataset:
        case UploadedDataset(id=dataset_id):
            if url is None:
                return _Job(job, f"the uploaded dataset {dataset_id}, which only its server knows (--url or MHO_URL)")
            found = _uploaded(url, dataset_id)
            return _with(document, dataset, found["sha256"], found["description"])
        case FileDataset(path=path):
            if not (folder / path).exists():
                return _Job(job, f"there is no file {path} here; it is opened when the job is run")
            return _with(document, dataset, *_file(folder / path))
    return _Job(job)


def _with(document: Mapping[str, Any], dataset: OwnDataset, sha256: str, about: Mapping[str, Any]) -> _Job:
    job = parse_job(with_contents(document, dataset, contents_of(sha256, about)))
    return _Job(job, "", (about["training_images"], about["test_images"]), data_warnings(about["warnings"]))


def _uploaded(url: str, dataset_id: str) -> Mapping[str, Any]:
    """Fetch the description of an uploaded dataset from its server.

    Raises:
        InvalidInput: there is no such dataset.
        ServerUnreachable: nobody answers.
    """
    with Client(url) as client:
        try:
            return client.dataset(dataset_id)
        except ProblemError as error:
            if error.reason == "DATASET_NOT_FOUND":
                raise unknown_dataset(dataset_id) from error
            raise


def _file(path: Path) -> tuple[str, Mapping[str, Any]]:
    """SHA-256 of a file, and what is in it.

    Raises:
        InvalidInput: it is no dataset, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, vars(describe(path, Limits(file_bytes=ANY_SIZE, unpacked_bytes=ANY_SIZE)))
    except UploadInvalid as error:
        raise InvalidInput([replace(error.fault, pointer="/dataset/path", message=str(error))]) from error
    except OSError as error:
        allowed, got = "an npz file, or a zip of IDX files", error.strerror or str(error)
        raise InvalidInput([Fault("/dataset/path", f"got {got}; allowed: {allowed}", got, allowed)]) from error
