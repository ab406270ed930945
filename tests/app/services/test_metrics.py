"""The figures for Prometheus, read back by its own parser."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.app.finished_jobs import DOCUMENT, failed_job, succeeded_job
from tests.app.live_server import LiveServer, live_server, settings_for, wait_until
from worker.contract import StoreUnavailable


def figures(server: LiveServer) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = server.http.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for one in families for sample in one.samples}


def of(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


def test_the_figures_of_a_server(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path)) as server:
        for _ in range(2):
            server.http.post("/v1/jobs", json=DOCUMENT)
        succeeded_job(server.jobs, server.artifacts)
        failed_job(server.jobs)
        server.http.get("/v1/jobs/nothing")
        server.http.get("/v1/no/such/path")
        found = figures(server)
        states = {"queued": 2, "running": 0, "succeeded": 1, "failed": 1, "cancelled": 0}
        assert {state: of(found, "mho_jobs", state=state) for state in states} == states
        assert of(found, "mho_queue_oldest_seconds") > 0
        assert of(found, "mho_queue_wait_seconds") >= 0
        assert (of(found, "mho_database_up"), of(found, "mho_broker_up")) == (1, 0)
        assert of(found, "mho_leases_recovered_total") == 0
        assert of(found, "process_resident_memory_bytes") > 1e6
        count = "mho_request_seconds_count"
        assert of(found, count, method="POST", route="/v1/jobs", status="202") == 2
        assert of(found, count, method="GET", route="/v1/jobs/{job_id}", status="404") == 1
        assert of(found, count, method="GET", route="none", status="404") == 1


def test_what_the_reconciler_puts_right_is_counted(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, reconcile_seconds=0.05)
    with live_server(settings) as server:
        job_id = server.jobs.create(DOCUMENT).id
        server.jobs.claim(job_id, "tests", lease_seconds=0)
        wait_until(lambda: of(figures(server), "mho_leases_recovered_total") == 1)


def test_a_database_that_is_away_is_a_figure_too(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(server.services.jobs, "counts", away)
    found = figures(server)
    assert of(found, "mho_database_up") == 0
    assert not [name for name, _ in found if name == "mho_jobs"]
