"""Bring the database to the form that this version of mho needs."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from worker.contract.database.database import BUSY_TIMEOUT_MS, Database, one_at_a_time
from worker.contract.errors import StoreUnavailable

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, as long as every process of mho uses the same one.
_ADVISORY_LOCK = 0x6D686F


def upgrade(database_url: str) -> None:
    """Create the database, or bring an older one up to date; does nothing where all is well.

    Server and worker call it when they start. All of it is one transaction that holds the write lock, so any number of
    processes may do so at once.

    Raises:
        StoreUnavailable: the database does not answer, or a newer version of mho has written it.
    """
    database = Database(database_url)
    try:
        if database.url.get_backend_name() == "sqlite":
            _write_ahead_log(database)
        with database.write() as connection:
            if database.url.get_backend_name() == "postgresql":
                # Another process may be at it, and a large table takes its time.
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            one_at_a_time(connection, _ADVISORY_LOCK)
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(
            f"the database cannot be brought up to date: {error}; it may come from a newer version of mho: use that one"
        ) from error
    finally:
        database.close()


def _write_ahead_log(database: Database) -> None:
    """Switch SQLite to its write-ahead log: readers and the one writer do not wait for each other.

    The mode stays in the file. The switch needs the file for itself for a moment and does not always wait for it, so it
    is tried again until the time that any writer is given has passed.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            with closing(database.engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except (sqlite3.DatabaseError, DBAPIError) as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"the database {database.url.database} cannot be used: {error}; see the file and its folder, or "
                    "set MHO_DATABASE_URL"
                ) from error
        time.sleep(0.01)
