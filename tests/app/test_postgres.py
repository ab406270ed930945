"""The server on PostgreSQL: what a client posts comes back the same, and a database that is away is said at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.app.finished_jobs import DOCUMENT, LADDER, succeeded_job
from tests.app.live_server import LiveServer, live_server, problem_of, settings_for
from tests.postgres_server import PostgresServer, postgres_server
from worker.contract.database.database import MOST_CONNECTIONS

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server(postgres: PostgresServer, tmp_path: Path) -> Iterator[LiveServer]:
    url = postgres.new_database()
    with live_server(settings_for(tmp_path, database_url=url)) as running:
        yield running
    postgres.drop_database(url)


def test_a_job_from_post_to_its_ladder(server: LiveServer) -> None:
    posted = server.http.post("/v1/jobs", json=DOCUMENT).json()
    assert server.http.get(posted["links"]["self"]).json() == posted
    assert server.http.post(f"{posted['links']['self']}/cancel").json()["state"] == "cancelled"
    done = succeeded_job(server.jobs, server.artifacts)
    job = server.http.get(f"/v1/jobs/{done.id}").json()
    assert (job["state"], job["result"]["ladder"]) == ("succeeded", LADDER)
    listed = [each["id"] for each in server.http.get("/v1/jobs").json()["jobs"]]
    assert listed == [done.id, posted["id"]]


def test_a_server_has_no_more_connections_than_the_guide_says(server: LiveServer) -> None:
    def ask(number: int) -> int:
        # Jobs, tokens and datasets share them.
        path = "/v1/jobs" if number % 2 else "/v1/datasets"
        status: int = server.http.get(path, headers={"Authorization": f"Bearer mho_{'a' * 43}"}).status_code
        return status

    with ThreadPoolExecutor(40) as pool:
        assert set(pool.map(ask, range(80))) <= {200, 401}
    mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mho' AND datname = current_database()"
    with psycopg.connect(server.settings.database_url, application_name="the tests") as connection:
        (count,) = connection.execute(mine).fetchone() or (0,)
    assert 1 <= count <= MOST_CONNECTIONS


def test_the_stores_of_a_server_share_one_pool(server: LiveServer) -> None:
    services = server.services
    assert services.jobs._database is services.tokens._database is services.uploads["dataset"]._database


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "\\ud83d\\ude00", "x' ; DROP TABLE jobs; --", "a:b"])
@pytest.mark.parametrize("field", ["name", "label", "key"])
def test_whatever_text_comes_is_kept_or_refused_with_its_field(server: LiveServer, field: str, text: str) -> None:
    values = {
        "name": f'"name": "{text}"',
        "label": f'"labels": {{"lot": "{text}"}}',
        "key": f'"labels": {{"{text}": "7"}}',
    }
    body = f'{{"hardware": "ideal", "dataset": "digits", {values[field]}}}'
    answer = server.http.post("/v1/jobs", content=body, headers=JSON)
    if answer.status_code == 202:
        assert server.http.get(answer.headers["location"]).json()["job"] == json.loads(body)
        labels = [f"{key}:{value}" for key, value in answer.json()["labels"].items()]
        found = server.http.get("/v1/jobs", params={"label": labels}).json()["jobs"]
        assert [each["id"] for each in found] == [answer.json()["id"]]
    else:
        assert answer.status_code in (400, 422), answer.text


def test_a_database_that_is_away_is_a_problem_and_no_silence(tmp_path: Path) -> None:
    with postgres_server() as database:
        if database is None:
            pytest.skip("there is no PostgreSQL")
        with live_server(settings_for(tmp_path, database_url=database.new_database())) as server:
            job = server.http.post("/v1/jobs", json=DOCUMENT).json()
            database.stop()
            problem_of(server.http.post("/v1/jobs", json=DOCUMENT), 503, "STORE_UNAVAILABLE")
            problem_of(server.http.get(job["links"]["self"]), 503, "STORE_UNAVAILABLE")
            assert "database" in problem_of(server.http.get("/readyz"), 503, "NOT_READY")["detail"]
            database.start()
            assert server.http.get(job["links"]["self"]).json() == job
