"""Restarts of the database under a running job, which cost the job nothing."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.postgres_server import postgres_server
from tests.worker.waiting import eventually
from worker.babysit.sitters.babysitter import Babysitter
from worker.contract import JobState, JobStore, Settings, upgrade

SCRIPT = Path(__file__).with_name("pretended_attempt.py")


def test_an_attempt_outlives_a_restart_of_the_database(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with postgres_server() as server:
        if server is None:
            pytest.skip("there is no PostgreSQL")
        settings = settings.model_copy(update={"database_url": server.new_database(), "lease_seconds": 120.0})
        upgrade(settings.database_url)
        store = JobStore(settings.database_url)
        job_id = store.create({"kind": "compile"}).id
        sitter = Babysitter(store, settings, "test", attempt_command=(sys.executable, "-S", str(SCRIPT), "polite"))
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(sitter.run, job_id)
            eventually(lambda: store.get(job_id).epoch == 2)
            server.stop()
            eventually(lambda: "no heartbeat" in caplog.text)
            server.start()
            eventually(lambda: store.heartbeat(job_id, 1, 120.0) is False)
            store.request_cancel(job_id)
            assert running.result(60) is JobState.CANCELLED
        assert store.get(job_id).attempt == 1
        store.close()
