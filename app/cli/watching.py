"""Follows a job: a progress bar on a terminal, plain lines in a pipe, one JSON object per line for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from app.client import Client
from worker.contract.jobs.ladder import result_lines
from worker.contract.process.console import TextConsole
from worker.contract.process.place_in_words import place_in_words

Job = dict[str, Any]

INTERRUPTED = 130


def watch_job(client: Client, job_id: str, *, json_output: bool) -> int:
    """Show the job until it has finished.

    Returns:
        The exit code: 0 where it succeeded, 1 where it did not, 130 where Ctrl-C ended the watching.
    """
    # A wrong address or id is reported at once; only a server that has answered once is waited for.
    client.get(job_id)
    console = TextConsole()
    states = client.watch(job_id)
    try:
        if json_output:
            last = _as_json(states)
        elif console.is_terminal:
            last = _as_bar(states, console)
        else:
            last = _as_lines(states)
    except KeyboardInterrupt:
        typer.echo(f"mho: no longer watching; the job goes on, `mho cancel {job_id}` ends it", err=True)
        return INTERRUPTED
    if json_output:
        return 0 if last["state"] == "succeeded" else 1
    if last["state"] == "succeeded":
        for line in result_lines(last["result"] or {}):
            typer.echo(line)
        return 0
    error = last["error"] or {}
    ending = f"{error.get('reason')}: {error.get('detail')}" if error else last["message"]
    typer.echo(f"mho: job {job_id} {last['state']}{': ' + ending if ending else ''}", err=True)
    return 1


def _as_json(states: Iterator[Job]) -> Job:
    """Print each change as one line of JSON, without the posted document."""
    last: Job = {}
    for last in states:
        typer.echo(json.dumps({key: value for key, value in last.items() if key not in ("job", "resolved")}))
    return last


def _as_lines(states: Iterator[Job]) -> Job:
    """Print each change as one line of text."""
    last: Job = {}
    printed = ""
    for last in states:
        line = job_line(last)
        if line != printed:
            printed = line
            typer.echo(line)
    return last


def _as_bar(states: Iterator[Job], console: TextConsole) -> Job:
    """Show one bar that moves."""
    last: Job = {}
    columns = (
        TextColumn("{task.fields[state]:<9}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[place]}", markup=False),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=1.0, state="", place="")
        for last in states:
            progress.update(task, completed=last["fraction"], state=last["state"], place=_place(last))
    return last


def job_line(job: Job) -> str:
    """Write state, share done and place of a job in one line."""
    return f"{job['state']:<9} {100 * job['fraction']:5.1f} %  {_place(job)}".rstrip()


def _place(job: Job) -> str:
    return place_in_words(job["stage"], job["epoch"], job["epochs"], job["message"], job["seconds_left"])
