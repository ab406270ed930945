from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table, insert, inspect, select, text

from hwcore.spec import Adc, FullRange, parse_job
from worker.contract import Artifact, Caller, JobState, JobStore, StoreUnavailable, UploadInUse, UploadStore, upgrade
from worker.contract.database import migrate
from worker.contract.database.database import Database
from worker.contract.database.tables import JOB_REFERENCES, JOBS, METADATA, UPLOADS

pytestmark = pytest.mark.each_database

CELL: dict[str, Any] = {"levels": 4, "g_max": 2.5e-5, "on_off_ratio": 8}
UPGRADE = "import sys; from worker.contract import upgrade; sys.stdin.read(1); upgrade(sys.argv[1])"


def back_to(database: Database, revision: str) -> None:
    """Give the database the form that an earlier version of mho left."""
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        command.downgrade(config, revision)


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


def test_stored_converters_without_a_range_keep_the_full_one(database_url: str) -> None:
    upgrade(database_url)
    store, database = JobStore(database_url), Database(database_url)
    calibrated: dict[str, Any] = {"bits": 4, "range": {"type": "calibrated"}}
    described = [{"bits": 5}, {}, calibrated, None]
    hardware = ["fefet-2b", {"cell": CELL}, *({"cell": CELL, "adc": adc} for adc in described)]
    documents = [{"hardware": each, "dataset": "digits"} for each in hardware]
    ids = [store.create(document).id for document in documents]
    back_to(database, "0003")
    upgrade(database_url)
    kept = [dict(store.get(job_id).document) for job_id in ids]
    assert [kept[i] for i in (0, 1, 4, 5)] == [documents[i] for i in (0, 1, 4, 5)]
    for document, bits in zip(kept[2:4], (5, None), strict=True):
        # As it is read to be run, run again, gone on with and shown.
        assert parse_job(document).resolved().described_hardware.adc == Adc(bits=bits, range=FullRange())
        assert document["dataset"] == "digits"
    # What is posted from now on is left as it is.
    assert store.get(store.create(documents[2]).id).document == documents[2]
    store.close()
    database.close()


def test_stored_converters_are_found_among_many_jobs(database_url: str) -> None:
    upgrade(database_url)
    store, database = JobStore(database_url), Database(database_url)
    store.create({"hardware": {"adc": {"bits": 5}}})
    with database.write() as connection:
        (row,) = connection.execute(select(JOBS)).mappings()
        # More than the migration reads at once.
        connection.execute(insert(JOBS), [{**row, "id": str(uuid.uuid4())} for _ in range(600)])
    back_to(database, "0003")
    upgrade(database_url)
    with database.read() as connection:
        documents = connection.execute(select(JOBS.c.document)).scalars().all()
    assert len(documents) == 601
    assert {document["hardware"]["adc"]["range"]["type"] for document in documents} == {"full"}
    store.close()
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


def test_jobs_go_on_counting_where_the_version_before_was(database_url: str) -> None:
    upgrade(database_url)
    store, database = JobStore(database_url), Database(database_url)
    ended, running, lost = (store.create({"kind": "compile"}).id for _ in range(3))
    for job_id in (ended, running):
        assert store.claim(job_id, "worker", 60) is not None
    assert store.finish(ended, 1, JobState.SUCCEEDED, artifacts=[Artifact("report.json", 2, "ab" * 32, "text/plain")])
    told = {job_id: store.events(job_id) for job_id in (ended, running, lost)}
    back_to(database, "0004")
    with database.write() as connection:
        connection.execute(text("UPDATE jobs SET lost_attempts = 2 WHERE id = :id"), {"id": lost})
        # Found by a helper for the attempt that runs.
        row = {"job_id": running, "attempt": 1, "task": "drift.0", "result": "[1]"}
        connection.execute(text("INSERT INTO chip_results VALUES (:job_id, :attempt, :task, :result)"), row)

    upgrade(database_url)
    assert [store.get(job_id).attempts_without_progress for job_id in (ended, running, lost)] == [0, 0, 2]
    # What refers to a job is still there.
    assert [each.name for each in store.artifacts(ended)] == ["report.json"]
    assert {job_id: store.events(job_id) for job_id in told} == told
    assert store.judged_chips(running) == {}
    assert store.keep_judged_chips(running, 1, "cd" * 32, {"drift.0": [1]})
    assert store.claim(lost, "worker", 60) is not None
    assert store.retry_or_fail(lost, 1, 3, {"reason": "ATTEMPT_CRASHED", "detail": "SIGKILL"}) is JobState.FAILED
    assert store.retry_or_fail(running, 1, 1, {"reason": "ATTEMPT_CRASHED", "detail": "SIGKILL"}) is JobState.QUEUED
    store.close()
    database.close()


def test_the_uploads_of_stored_jobs_become_rows(database_url: str) -> None:
    upgrade(database_url)
    database = Database(database_url)
    store, datasets = JobStore(database), UploadStore(database, "dataset")
    ids = {state: datasets.add(f"{number:064x}", 5, {})[0].id for number, state in enumerate(JobState)}
    jobs = {state: store.create({"dataset": {"type": "uploaded", "id": ids[state]}}).id for state in JobState}
    # More than the migration reads at once, and documents that no version has written.
    others: list[Any] = ["digits", {"type": "file", "path": ids[JobState.QUEUED]}, {"type": "uploaded"}, None, [1]]
    others += [{"type": "uploaded", "id": 5}, {"type": "uploaded", "id": "x" * 500}]
    others += ["mnist"] * 600
    for other in others:
        store.create({"dataset": other})
    for state in (JobState.RUNNING, JobState.SUCCEEDED, JobState.FAILED):
        assert store.claim(jobs[state], "worker", 60) is not None
    store.finish(jobs[JobState.SUCCEEDED], 1, JobState.SUCCEEDED)
    store.finish(jobs[JobState.FAILED], 1, JobState.FAILED, error={"reason": "INTERNAL", "detail": ""})
    store.request_cancel(jobs[JobState.CANCELLED])
    assert {state: store.get(job_id).state for state, job_id in jobs.items()} == {state: state for state in JobState}
    back_to(database, "0005")
    upgrade(database_url)
    with database.read() as connection:
        rows = {(row.job_id, row.kind, row.upload_id) for row in connection.execute(select(JOB_REFERENCES))}
    assert rows == {(jobs[state], "dataset", ids[state]) for state in JobState}
    for state in JobState:
        if state in (JobState.QUEUED, JobState.RUNNING):
            with pytest.raises(UploadInUse, match=jobs[state]):
                datasets.remove(ids[state])
        else:
            datasets.remove(ids[state])
    database.close()


def test_datasets_become_uploads_as_they_were(database_url: str) -> None:
    upgrade(database_url)
    database = Database(database_url)
    back_to(database, "0006")
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)
    kept = [
        {"id": str(uuid.uuid4()), "owner": owner, "name": "é", "sha256": "ab" * 32, "size": 1 << 40}
        for owner in ("", "ann", "bob")
    ]
    description = {"classes": 3, "warnings": ["µ"], "nothing": None}
    # As the version before declared it.
    columns = [column for column in UPLOADS.c if column.name != "kind"]
    datasets = Table("datasets", MetaData(), *(Column(column.name, column.type) for column in columns))
    with database.write() as connection:
        connection.execute(
            insert(datasets), [{**row, "description": description, "created_at": moment} for row in kept]
        )
    upgrade(database_url)
    store = UploadStore(database, "dataset")
    for row in kept:
        found = store.get(row["id"])
        assert (found.kind, found.name, found.sha256, found.size) == ("dataset", "é", row["sha256"], row["size"])
        assert (found.description, found.created_at) == (description, moment)
    ann = store.seen_by(Caller("ann", frozenset()))
    assert [upload.id for upload in ann.list().uploads] == [kept[1]["id"]]
    assert ann.add("ab" * 32, 1 << 40, {}) == (ann.get(kept[1]["id"]), False)
    with database.read() as connection:
        assert "datasets" not in inspect(connection).get_table_names()
    # And back, without what the version before does not know.
    UploadStore(database, "model").add("cd" * 32, 5, {})
    back_to(database, "0006")
    with database.read() as connection:
        rows = connection.execute(select(datasets)).all()
        assert "uploads" not in inspect(connection).get_table_names()
    assert {row.id for row in rows} == {row["id"] for row in kept}
    assert {row.created_at for row in rows} == {moment}
    database.close()
