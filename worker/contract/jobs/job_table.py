"""The database of the jobs, and who asks: what all parts of the job store have in common."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Self

from sqlalchemy import select

from worker.contract.access.caller import EVERYBODY, Caller
from worker.contract.database.database import Database, now
from worker.contract.database.tables import JOBS
from worker.contract.jobs.creation import Quotas


class JobTable:
    """Connections to the job table for one caller.

    Args:
        database: as `Settings.database_url`, or a database whose connections are shared with other stores.
        quotas: of the jobs that are created.
    """

    def __init__(self, database: str | Database, quotas: Quotas) -> None:
        self._database = Database.of(database)
        self._quotas = quotas
        self._caller = EVERYBODY

    def seen_by(self, caller: Caller) -> Self:
        """Narrow the store to what the caller may see: no jobs of others, and what is created is the caller's.

        Workers and reconcilers are not narrowed: they change jobs on nobody's behalf.
        """
        narrowed = copy.copy(self)
        narrowed._caller = caller
        return narrowed

    def close(self) -> None:
        """Close the connections, also those of stores that share them; they may be used again and open new ones."""
        self._database.close()

    def ping(self) -> None:
        """Ask the database for something small.

        Raises:
            StoreUnavailable: it does not answer, or nobody has called `upgrade`.
        """
        with self._database.read() as connection:
            connection.execute(select(JOBS.c.id).limit(1))

    def time(self) -> datetime:
        """The time by the clock that all processes share (UTC)."""
        with self._database.read() as connection:
            return now(connection)
