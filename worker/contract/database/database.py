"""Connections and transactions: SQLite in WAL mode on one machine, PostgreSQL on many, the same statements on both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from worker.contract.errors import StoreUnavailable

BUSY_TIMEOUT_MS = 10_000
"""Time for which SQLite waits for another writer before it gives up, ms."""

CONNECT_SECONDS = 3
"""Time for which a PostgreSQL that says nothing is waited for; whole seconds, at least 2 (a rule of libpq)."""

STATEMENT_SECONDS = 15
"""Longest time of one statement on PostgreSQL, waiting for locks included: every one of mho's is a matter of ms."""

MOST_CONNECTIONS = 20
"""Connections to PostgreSQL that one `Database` opens as it needs them, and keeps; a worker needs one."""

POOL_SECONDS = 15
"""Time for which a thread waits for one of them: who comes first is not always served first."""

POSTGRES = "postgresql+psycopg"

SECRET = re.compile("password|secret|token", re.IGNORECASE)
"""Names of parameters whose values are nobody's to see."""


class Database:
    """One engine, and the two kinds of transaction that mho uses.

    Args:
        url: e.g. `sqlite:////var/lib/mho/mho.sqlite3` or `postgresql://USER:PASSWORD@HOST/NAME`. The folder of a SQLite
            file is made.
        pool_seconds: time for which a thread waits for a connection to PostgreSQL, s.

    Raises:
        StoreUnavailable: the URL cannot be used.
    """

    def __init__(self, url: str, pool_seconds: float = POOL_SECONDS) -> None:
        try:
            self.url: URL = _with_driver(make_url(url))
            if self.url.get_backend_name() == "sqlite" and self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine: Engine = create_engine(self.url, **_engine_options(self.url, pool_seconds))
        except (ArgumentError, ImportError, SQLAlchemyError, OSError, ValueError) as error:
            # A ValueError is a port that is no number, and repeats it: it may be a part of the password.
            cause = (
                "its port is no number (write / @ : in a password as %2F %40 %3A)"
                if type(error) is ValueError
                else error
            )
            raise StoreUnavailable(
                f"the database URL {_hidden(url)} cannot be used: {cause}; allowed: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
                " (MHO_DATABASE_URL)"
            ) from error
        if self.url.get_backend_name() == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._writing = self.engine.execution_options(mho_writing=True)

    @classmethod
    def of(cls, database: str | Database) -> Database:
        """The database of a URL; what is one already stays the same, so that stores can share its connections.

        Raises:
            StoreUnavailable: the URL cannot be used.
        """
        return cls(database) if isinstance(database, str) else database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with self._guarded(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes; on SQLite it takes the write lock at once, so it never has to give up half way.

        Raises:
            StoreUnavailable: the database does not answer, is locked for too long, or its disk is full.
        """
        with self._guarded(), self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except (DBAPIError, PoolTimeout, TimeoutError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise StoreUnavailable(f"the database {_hidden(self.url)} does not answer: {cause}") from error


def one_at_a_time(connection: Connection, key: int) -> None:
    """Let no other transaction with the same key past this line until this one has ended.

    On SQLite there is nothing to do: only one transaction writes at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def now(connection: Connection) -> datetime:
    """The time in UTC by the one clock that all share: the database server's, or this machine's for SQLite."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def _with_driver(url: URL) -> URL:
    """The URL with the one driver that is installed, where it names none."""
    return url.set(drivername=POSTGRES) if url.drivername in ("postgresql", "postgres") else url


def _engine_options(url: URL, pool_seconds: float) -> dict[str, Any]:
    """Options that keep a request from waiting for ever for a PostgreSQL that is away; those of the URL win."""
    if url.get_backend_name() != "postgresql":
        return {}
    waits = {
        "connect_timeout": CONNECT_SECONDS,
        # A machine that is gone says nothing: without these, what is under way waits for a quarter of an hour.
        "tcp_user_timeout": STATEMENT_SECONDS * 1000,
        "keepalives_idle": STATEMENT_SECONDS,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": "mho",
        "options": f"-c statement_timeout={STATEMENT_SECONDS}s -c idle_in_transaction_session_timeout=60s",
    }
    return {
        "connect_args": {name: value for name, value in waits.items() if name not in url.query},
        # A connection may have died since it was last used: after a restart of the database all of them have.
        "pool_pre_ping": True,
        "pool_size": MOST_CONNECTIONS,
        # A connection beyond the pool would be made and thrown away for a single transaction.
        "max_overflow": 0,
        "pool_timeout": pool_seconds,
    }


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:
    # None: sqlite3 starts no transactions of its own; `_begin_sqlite` does.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("mho_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _hidden(url: str | URL) -> str:
    """The URL without its passwords, of which libpq takes some in the query (`password`, `sslpassword`)."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        scheme, mark, _ = str(url).partition("://")
        return f"'{scheme}://...'" if mark else "'...'"
    query = {name: "..." if SECRET.search(name) else value for name, value in parsed.query.items()}
    return parsed.set(query=query).render_as_string(hide_password=True)
