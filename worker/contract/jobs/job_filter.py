"""Choice of the jobs of a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, String, column, func, select

from worker.contract.database.tables import JOBS
from worker.contract.states import JobState


@dataclass(frozen=True)
class JobFilter:
    """Conditions on every job of a list; a filter that says nothing lets all through.

    Args:
        states: in one of these states, if there are any.
        labels: with every one of these labels, each written `key:value`; the key or the value may have a colon, too.
        name: with exactly this name.
        created_after: posted later than this.
        created_before: posted earlier than this.
    """

    states: frozenset[JobState] = frozenset()
    labels: tuple[str, ...] = ()
    name: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None

    def conditions(self, connection: Connection) -> tuple[ColumnElement[bool], ...]:
        """The filter as conditions on the table of jobs, for the database of this connection."""
        found: list[ColumnElement[bool]] = []
        if self.states:
            found.append(JOBS.c.state.in_(sorted(self.states)))
        if self.name is not None:
            found.append(JOBS.c.name == self.name)
        if self.created_after is not None:
            found.append(JOBS.c.created_at > self.created_after)
        if self.created_before is not None:
            found.append(JOBS.c.created_at < self.created_before)
        # A label's key is never part of a JSON path, in which a quotation mark would mean something.
        each = func.json_each if connection.dialect.name == "sqlite" else func.json_each_text
        for label in self.labels:
            labels = each(JOBS.c.labels).table_valued(column("key", String), column("value", String))
            found.append(select(1).select_from(labels).where(labels.c.key + ":" + labels.c.value == label).exists())
        return tuple(found)
