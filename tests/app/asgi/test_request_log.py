"""A request has an id, in its answer and on its lines, and the next one has another."""

from __future__ import annotations

import logging

import pytest

from tests.app.finished_jobs import DOCUMENT
from tests.app.live_server import LiveServer
from worker.contract.process import logs


@pytest.mark.parametrize("asked", ["abc-1.2_X", "x" * 100])
def test_a_sane_id_is_kept(server: LiveServer, asked: str) -> None:
    assert server.http.get("/healthz", headers={"X-Request-Id": asked}).headers["x-request-id"] == asked


@pytest.mark.parametrize("asked", ["", "x" * 101, "a b", "a\tb", "{}", '"'])
def test_another_one_is_replaced(server: LiveServer, asked: str) -> None:
    found = server.http.get("/v1/nothing", headers={"X-Request-Id": asked}).headers["x-request-id"]
    assert len(found) == 32
    assert found.isalnum()


def test_lines_bear_the_request_and_the_job(server: LiveServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(logs._note)
    try:
        with caplog.at_level(logging.WARNING, logger="mho.app"):
            ids = [
                server.http.post("/v1/jobs", json=DOCUMENT, headers={"X-Request-Id": name}).json()["id"]
                for name in ("first", "second")
            ]
    finally:
        caplog.handler.removeFilter(logs._note)
    said = [(record.request_id, record.job_id) for record in caplog.records if "waits" in record.message]
    assert said == list(zip(("first", "second"), ids, strict=True))
