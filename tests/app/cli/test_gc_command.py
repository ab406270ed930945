"""`mho gc`: on the folder and the database of a service, which need not run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.cli.program import run
from tests.app.finished_jobs import DOCUMENT, succeeded_job
from tests.app.live_server import settings_for
from tests.worker.manifests import digest_in_manifest
from worker.contract import ArtifactStore, JobStore, UploadStore, upgrade


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


def test_every_lost_file_is_shown_with_those_who_need_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_for(tmp_path)
    upgrade(settings.database_url)
    jobs, artifacts = JobStore(settings.database_url), ArtifactStore.of(settings)
    blobs, datasets = artifacts.blobs, UploadStore(settings.database_url, "dataset")
    first, second = (succeeded_job(jobs, artifacts, **{"tiles.json": b"tiles", "own.txt": own}) for own in (b"1", b"2"))
    training = jobs.create(DOCUMENT)
    running = jobs.claim(training.id, "tests", lease_seconds=60)
    assert running is not None
    dataset = blobs.put_bytes(b"own data")
    added, _ = datasets.add(dataset.sha256, dataset.size, {})
    kept = {name: blobs.put_bytes(name.encode()).sha256 for name in ("checkpoint", "bundle", "nobody", "whole")}
    note = {"sha256": kept["checkpoint"], "size": 10, "stage": "float", "epoch": 1, "reached": [1, 1]}
    assert jobs.keep_checkpoint(training.id, running.attempt, note)
    assert jobs.keep_bundle(training.id, running.attempt, kept["bundle"])
    assert run(["gc", "--verify", "--home", str(tmp_path)]) == 0
    before = capsys.readouterr()
    assert (before.out, before.err.endswith(" bytes read, 0 lost\n")) == ("", True)

    def path_of(sha256: str) -> Path:
        path = blobs.local_path(sha256)
        assert path is not None
        return path

    tiles = digest_in_manifest(jobs, first.id, "tiles.json")
    for sha256 in (tiles, kept["checkpoint"], kept["nobody"]):
        path_of(sha256).write_bytes(b"damaged")
    for sha256 in (dataset.sha256, kept["bundle"]):
        path_of(sha256).unlink()
    assert run(["gc", "--verify", "--home", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert sorted(shown.out.splitlines()) == sorted(
        "\t".join(("lost", *line))
        for line in (
            (tiles, "damaged", "artifact", first.id, "tiles.json"),
            (tiles, "damaged", "artifact", second.id, "tiles.json"),
            (kept["checkpoint"], "damaged", "checkpoint", training.id, ""),
            (kept["nobody"], "damaged", "nobody", "", ""),
            (dataset.sha256, "missing", "dataset", added.id, ""),
            (kept["bundle"], "missing", "bundle", training.id, ""),
        )
    )
    assert shown.err.endswith(" bytes read, 5 lost\n")
    assert len(shown.err.splitlines()) == 1
    assert path_of(kept["nobody"]).exists()
    datasets.close()
    jobs.close()


def test_a_folder_that_is_not_there_is_not_taken_for_lost_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(tmp_path)
    upgrade(settings.database_url)
    jobs, artifacts = JobStore(settings.database_url), ArtifactStore.of(settings)
    assert run(["gc", "--verify", "--home", str(tmp_path)]) == 0
    succeeded_job(jobs, artifacts)
    jobs.close()
    assert artifacts.blobs.folder is not None
    artifacts.blobs.folder.rename(tmp_path / "elsewhere")
    capsys.readouterr()
    assert run(["gc", "--verify", "--home", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "which is not there; allowed: the folder that has the files" in shown.err


def test_a_wrong_place_names_its_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MHO_ARTIFACTS_URL", "gs://bucket")
    assert run(["gc", "--home", str(tmp_path)]) == 2
    assert "MHO_ARTIFACTS_URL" in capsys.readouterr().err
