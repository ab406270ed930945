"""Lines that server and worker log: text for people or JSON for machines, with the job and the request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from worker.contract.process.harmless import harmless
from worker.contract.settings.settings import Settings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s%(about)s"

CHATTY = ("alembic", "uvicorn")
"""Loggers that write of every start and every step of it: heard from `warning` on, unless everything is."""

_JOB: ContextVar[str | None] = ContextVar("mho_job_id", default=None)
_REQUEST: ContextVar[str | None] = ContextVar("mho_request_id", default=None)


@contextmanager
def logged_as(*, job_id: str | None = None, request_id: str | None = None) -> Iterator[None]:
    """Note the job and the request on every line that is logged inside, in this thread or task; not a moment longer.

    Args:
        job_id: the job that it is about; None leaves what is noted.
        request_id: the request that it is for; None leaves what is noted.
    """
    pairs = ((_JOB, job_id), (_REQUEST, request_id))
    tokens = [(variable, variable.set(value)) for variable, value in pairs if value is not None]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


def configure_logging(settings: Settings, stream: TextIO) -> None:
    """Make every logger of this process write to `stream`, in the form and from the level that the settings say."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(_note)
    handler.setFormatter(_formatter(settings.log_format))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.NOTSET if settings.log_level == "debug" else logging.WARNING)


class _HarmlessText(logging.Formatter):
    """A line for people in which nothing steers their terminal, and no text of a stranger looks like another line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; what goes on below it, and an exception, is indented."""
        return harmless(super().format(record)).replace("\n", "\n    ")


def _formatter(form: str) -> logging.Formatter:
    if form == "text":
        return _HarmlessText(TEXT)
    return JsonFormatter(
        ["asctime", "levelname", "name", "message", "job_id", "request_id"],
        rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"},
        # Of the lines for people alone.
        reserved_attrs=[*RESERVED_ATTRS, "about"],
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )


def _note(record: logging.LogRecord) -> bool:
    """Add what the line is about; a line about no job has none."""
    about = {"job_id": _JOB.get(), "request_id": _REQUEST.get()}
    for name, value in about.items():
        setattr(record, name, value)
    said = " ".join(f"{name.removesuffix('_id')}={value}" for name, value in about.items() if value)
    record.about = f" [{said}]" if said else ""
    return True
