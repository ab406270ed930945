"""`mho list`: the jobs of a server."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from app.cli.listing import print_rows
from app.cli.options import DEFAULT_URL, Json, Url
from app.client import Client
from worker.contract import JobState

COLUMNS = ("id", "state", "done", "stage", "created", "name")


def list_jobs(
    state: Annotated[JobState | None, typer.Option("--state", help="Only jobs in this state.")] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="KEY:VALUE", help="Only jobs with this label; repeatable.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many, the newest.")] = 50,
    url: Url = DEFAULT_URL,
    json_output: Json = False,
) -> None:
    """List the newest jobs: a table on a terminal, columns between tabs in a pipe."""
    with Client(url) as client:
        labels = [_label(each) for each in label or ()]
        page = client.list(state=None if state is None else state.value, limit=limit, labels=labels)
    if json_output:
        typer.echo(json.dumps(page))
        return
    rows = [_row(job) for job in page["jobs"]]
    print_rows(COLUMNS, rows, newest_of_more=limit if page["next_cursor"] else None)


def _label(label: str) -> str:
    """The label, refused where it has no key or no value; where a key with colons ends is not known here."""
    if ":" not in label[1:]:
        raise typer.BadParameter(f"got {label!r}; allowed: KEY:VALUE", param_hint="--label")
    return label


def _row(job: dict[str, Any]) -> tuple[str, ...]:
    """The columns of one job."""
    return (
        job["id"],
        job["state"],
        f"{100 * job['fraction']:.0f} %",
        job["stage"] or "-",
        job["created_at"][:19].replace("T", " "),
        " ".join(job["name"].split()),
    )
