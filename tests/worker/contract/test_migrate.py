from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from worker.contract import JobStore, StoreUnavailable, upgrade
from worker.contract.database import Database
from worker.contract.tables import METADATA

pytestmark = pytest.mark.each_database

UPGRADE = "import sys; from worker.contract import upgrade; sys.stdin.read(1); upgrade(sys.argv[1])"


def test_the_migrations_make_the_tables_of_the_code(database_url: str) -> None:
    upgrade(database_url)
    database = Database(database_url)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_a_second_time_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    store = JobStore(database_url)
    job = store.create({"kind": "compile"})
    upgrade(database_url)
    assert store.get(job.id) == job
    store.close()


def test_several_processes_at_once_on_an_empty_database(database_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    # All are held at the same line until the last one is up.
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b".")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    store = JobStore(database_url)
    store.ping()
    store.close()


def test_the_write_ahead_log_of_sqlite_is_on(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/folder/mho.sqlite3")
    with closing(sqlite3.connect(tmp_path / "folder" / "mho.sqlite3")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    upgrade(database_url)
    database = Database(database_url)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StoreUnavailable, match=r"9999.*newer version"):
        upgrade(database_url)


def test_a_migration_that_fails_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(database_url)
    with database.write() as connection:
        # The second table of the first migration cannot be made.
        connection.exec_driver_sql("CREATE TABLE artifacts (x INTEGER)")
    with pytest.raises(StoreUnavailable, match="artifacts"):
        upgrade(database_url)
    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["artifacts"]
    database.close()


@pytest.mark.parametrize("bad", ["", "nonsense", "nosuchdb://x/y", "sqlite:////proc/1/nowhere/mho.sqlite3"])
def test_a_url_that_is_none(bad: str) -> None:
    with pytest.raises(StoreUnavailable):
        upgrade(bad)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        upgrade("nosuchdb://user:hunter2@host/db")
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "mho.sqlite3").write_bytes(b"this is not a database, and long enough to be looked at" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        upgrade(f"sqlite:///{tmp_path}/mho.sqlite3")


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        upgrade(f"sqlite:///{tmp_path}")
