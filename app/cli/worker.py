"""`mho worker`: a worker alone, for a service on several machines."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import typer

from app.cli.compile import GROUP
from app.serving.read_settings import read_settings
from worker.contract.process.logs import configure_logging


def worker() -> None:
    """Start a worker alone: it takes jobs from MHO_BROKER_URL until it is told to stop.

    For a service on several machines; `mho serve` has its own. Every setting is an environment variable, see
    docs/reference/settings.md. SIGTERM hands running jobs back to the queue.
    """
    settings = read_settings()
    configure_logging(settings, sys.stderr)
    (found,) = entry_points(group=GROUP, name="worker")
    run = found.load()
    raise typer.Exit(run(settings))
