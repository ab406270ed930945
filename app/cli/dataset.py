"""`mho dataset`: data of one's own on a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.listing import print_rows
from app.cli.options import DEFAULT_URL, Json, Url
from app.client import Client
from hwcore.errors import Fault, InvalidInput
from hwcore.spec import data_warnings, warning_line

COLUMNS = ("id", "size", "shape", "classes", "training", "test", "created", "name")

DatasetId = Annotated[str, typer.Argument(metavar="ID", help="The dataset's id, as `mho dataset list` prints it.")]

dataset = typer.Typer(no_args_is_help=True, help="Upload, list and remove data of your own.")


@dataset.command("add")
def add(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="An npz file, or a zip of the four IDX files.")],
    name: Annotated[str | None, typer.Option("--name", help="What people call it; the file's name by default.")] = None,
    url: Url = DEFAULT_URL,
    json_output: Json = False,
) -> None:
    """Upload a file and print the dataset's id; the same bytes twice are one dataset.

    The id alone goes to standard output, so that `id=$(mho dataset add own.npz)` works; what was found in the file, and
    what is probably not meant, goes to standard error.
    """
    try:
        with Client(url) as client:
            found = client.add_dataset(source, name)
    except OSError as error:
        if isinstance(error, ConnectionError):
            raise
        allowed = "an npz file, or a zip of IDX files"
        message = f"cannot be read: {error.strerror or error}; allowed: {allowed}"
        raise InvalidInput([Fault("", message, str(source), allowed, document=str(source))]) from error
    if json_output:
        typer.echo(json.dumps(found))
        return
    about = found["description"]
    typer.echo(found["id"])
    typer.echo(
        f"{_shape(about)}, {about['classes']} {about.get('targets', 'classes')}, {about['training_images']} images to "
        f"train on, {about['test_images']} to test on",
        err=True,
    )
    for warning in data_warnings(about["warnings"]):
        typer.echo(warning_line(warning.field, warning.message), err=True)


@dataset.command("list")
def list_datasets(
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many, the newest.")] = 50,
    url: Url = DEFAULT_URL,
    json_output: Json = False,
) -> None:
    """List the newest datasets: a table on a terminal, columns between tabs in a pipe."""
    with Client(url) as client:
        page = client.datasets(limit=limit)
    if json_output:
        typer.echo(json.dumps(page))
        return
    rows = [_row(each) for each in page["datasets"]]
    print_rows(COLUMNS, rows, newest_of_more=limit if page["next_cursor"] else None)


@dataset.command("remove")
def remove(dataset_id: DatasetId, url: Url = DEFAULT_URL) -> None:
    """Remove a dataset; refused while a queued or running job is trained on it."""
    with Client(url) as client:
        client.remove_dataset(dataset_id)


def _shape(about: dict[str, Any]) -> str:
    """Shape of one example: 28 x 28, 3 x 32 x 32, 10 x 49 of a series."""
    lengths = [about["width"]] if about.get("series") else [about["height"], about["width"]]
    return " x ".join(map(str, ([about["channels"]] if "channels" in about else []) + lengths))


def _row(found: dict[str, Any]) -> tuple[str | int, ...]:
    """The columns of one dataset."""
    about = found["description"]
    return (
        found["id"],
        found["size"],
        _shape(about),
        about["classes"],
        about["training_images"],
        about["test_images"],
        found["created_at"][:19].replace("T", " "),
        " ".join(found["name"].split()),
    )
