"""One fuzzed job: it ends well, or with an error of mho's own that names a field; all else is a fault of mho."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from benchmarks.fuzzing.draws import Node
from benchmarks.fuzzing.findings import misnamed_fields, not_finite, rebuilds
from benchmarks.fuzzing.job import random_job
from hwcore.errors import DatasetInvalid, InvalidInput, MhoError
from hwcore.pipeline import run, with_file
from hwcore.spec import JobDocument, own_dataset, parse_job
from hwcore.training.diverged import DEFAULT_RATES

Row = dict[str, Any]
DATA = "data.npz"


def key_of(seed: int, number: int) -> str:
    """Key of the row of one job."""
    return f"{seed}/{number}"


def fuzzed_job(seed: int, number: int, folder: Path) -> Row:
    """Draw a job, run it as the worker does, and look at everything that it leaves behind. Warnings are faults.

    Args:
        seed: of the run.
        number: of the job.
        folder: empty; data and output go there.

    Returns:
        `outcome`: `succeeded`, `refused` (the description), `failed` (an error of mho's own), or `internal`;
        `error`: what was said; `not_finite`: where something is no number; `rebuilds`: how far every rebuild of the
        logits is off; `rebuild_off`: whether that is too far, or a prediction differs; `compared`: images of how many,
        all rebuilds together: those that roundings decide about are not. Where something is wrong the row has the
        document as well.
    """
    started = time.perf_counter()
    row: Row = {"key": key_of(seed, number), "number": number, "outcome": "internal", "error": None}
    row |= {"not_finite": [], "rebuilds": {}, "compared": [0, 0], "rebuild_off": False}
    document: Node | None = None
    with _warnings_are_errors():
        try:
            document = random_job(seed, number, folder)
            row |= _outcome(document, folder)
        except Exception:
            row["error"] = traceback.format_exc()
    if row["outcome"] == "internal" or row["not_finite"] or row["rebuild_off"]:
        row["document"] = document
    return {**row, "seconds": round(time.perf_counter() - started, 3)}


@contextmanager
def _warnings_are_errors() -> Iterator[None]:
    """Every one of them: torch says some of its own once in a process, and there are many jobs in one."""
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        torch.set_warn_always(before)


def _outcome(document: Node, folder: Path) -> Row:
    try:
        job = parse_job(document)
        own = own_dataset(job)
        if own is not None:
            job = with_file(job, folder / DATA)
    except InvalidInput as error:
        wrong = list(misnamed_fields(error, document))
        return {"outcome": "internal" if wrong else "refused", "error": "\n".join([*wrong, str(error)])}
    except DatasetInvalid as error:
        return {"outcome": "refused", "error": str(error)}
    _require_written_out(job)
    out = folder / "out"
    try:
        run(job, out, device="cpu", threads=1, dataset_file=None if own is None else folder / DATA)
    except MhoError as error:
        wrong = list(_misplaced_blame(error, job))
        return {"outcome": "internal" if wrong else "failed", "error": "\n".join([*wrong, str(error)])}
    found = rebuilds(out)
    return {
        "outcome": "succeeded",
        "not_finite": list(not_finite(out)),
        "rebuilds": {each.name: each.off for each in found},
        "compared": [sum(each.images - each.undecided for each in found), sum(each.images for each in found)],
        "rebuild_off": not all(each.agrees for each in found),
    }


def _require_written_out(job: JobDocument) -> None:
    """Require that an accepted job, written out in full, is accepted again as the same.

    Raises:
        ValueError: it is another one.
    """
    resolved = job.resolved()
    again = parse_job(resolved.model_dump(mode="json"))
    if again != resolved or again.resolved() != resolved:
        raise ValueError(f"written out and read again the job is another: {resolved!r} became {again!r}")


def _misplaced_blame(error: MhoError, job: JobDocument) -> Iterator[str]:
    """Find a run's errors that blame the wrong field: they name one of the job, and a rate only where it is large."""
    field = str(error).partition(":")[0]
    value: Any = job.model_dump(mode="json")
    for name in field.split("."):
        if not isinstance(value, dict) or name not in value:
            yield f"{field!r} is no field of the job"
            return
        value = value[name]
    largest = DEFAULT_RATES.get(field.removeprefix("training."))
    if largest is not None and isinstance(value, float) and value <= largest:
        yield f"{field} is blamed, and it is {value:g}"
