"""`mho gc`: on the folder and the database of a service, which need not run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.cli.program import run
from tests.app.finished_jobs import succeeded_job
from tests.app.live_server import settings_for
from worker.contract import ArtifactStore, JobStore, upgrade


def test_garbage_is_shown_and_then_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_for(tmp_path)
    upgrade(settings.database_url)
    jobs, artifacts = JobStore(settings.database_url), ArtifactStore.of(settings)
    succeeded_job(jobs, artifacts)
    garbage = artifacts.blobs.put_bytes(b"garbage").sha256
    path = artifacts.blobs.local_path(garbage)
    assert path is not None
    os.utime(path, (0, 0))
    assert run(["gc", "--dry-run", "--home", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"file\t{garbage}\t7\n"
    assert shown.err == "0 jobs and 1 files of 7 bytes would be removed\n"
    assert path.exists()
    assert run(["gc", "--home", str(tmp_path)]) == 0
    assert capsys.readouterr().err == "0 jobs and 1 files of 7 bytes removed\n"
    assert not path.exists()
    jobs.close()


def test_old_jobs_are_removed_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path)
    upgrade(settings.database_url)
    jobs = JobStore(settings.database_url)
    job = succeeded_job(jobs, ArtifactStore.of(settings))
    monkeypatch.setenv("MHO_RETENTION_DAYS", "1e-9")
    assert run(["gc", "--home", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"job\t{job.id}\t")
    # Its files are too young: they go an hour later.
    assert shown.err == "1 jobs and 0 files of 0 bytes removed\n"
    assert jobs.list().jobs == ()
    jobs.close()


def test_a_wrong_place_names_its_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MHO_ARTIFACTS_URL", "gs://bucket")
    assert run(["gc", "--home", str(tmp_path)]) == 2
    assert "MHO_ARTIFACTS_URL" in capsys.readouterr().err
