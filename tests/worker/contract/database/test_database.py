"""Connections: what their URLs may say, and how long a database that does not answer is waited for."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text

from tests.postgres_server import PostgresServer, postgres_server
from worker.contract import JobStore, StoreUnavailable, upgrade
from worker.contract.database.database import CONNECT_SECONDS, MOST_CONNECTIONS, STATEMENT_SECONDS, Database


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_way_to_name_postgresql(postgres_url: str, scheme: str) -> None:
    database = Database(postgres_url.replace("postgresql", scheme, 1))
    with database.read() as connection:
        assert connection.scalar(select(1)) == 1
    database.close()


def test_a_driver_that_is_not_there_is_said_with_what_is_allowed() -> None:
    with pytest.raises(StoreUnavailable, match="allowed: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"):
        Database("postgresql+asyncpg2://host/name")


def test_a_wrong_password_is_said_and_not_shown(postgres_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="password authentication failed") as caught:
        upgrade(postgres_url.replace("mho-of-the-tests", "hunter2"))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("query", ["password=hunter2", "sslpassword=hunter2", "a=b&PassWord=hunter2&password=hunter2"])
def test_a_password_in_the_query_is_not_shown(query: str) -> None:
    database = Database(f"postgresql://mho:hunter2@127.0.0.1:1/mho?{query}&application_name=shown")
    with pytest.raises(StoreUnavailable, match="application_name=shown") as caught, database.read():
        pytest.fail("it answered")
    database.close()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://mho:hunter2", "hunter2", "postgresql+none://h/m?password=hunter2"])
def test_a_url_that_is_none_is_not_shown(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="MHO_DATABASE_URL") as caught:
        Database(url)
    assert "hunter2" not in str(caught.value)


def test_a_database_that_takes_connections_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        database = Database(f"postgresql://mho@127.0.0.1:{server.getsockname()[1]}/mho")
        with pytest.raises(StoreUnavailable, match="timeout"), database.read():
            pytest.fail("it answered")
        database.close()
    assert CONNECT_SECONDS >= 2


def test_a_row_that_another_holds_is_not_waited_for_longer_than_a_statement_may_take(postgres_url: str) -> None:
    upgrade(postgres_url)
    # What a URL says itself wins: here, a statement may take a tenth of a second.
    impatient = JobStore(f"{postgres_url}?options=-c%20statement_timeout%3D100ms")
    job = impatient.create({"kind": "compile"})
    other = Database(postgres_url)
    with other.write() as connection:
        connection.execute(text("SELECT 1 FROM jobs FOR UPDATE"))
        with pytest.raises(StoreUnavailable, match="statement timeout"):
            impatient.claim(job.id, "worker", 60)
    assert impatient.claim(job.id, "worker", 60) is not None
    for one in (impatient, other):
        one.close()


def test_the_limits_reach_the_server(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.read() as connection:
        shown = [connection.scalar(select(func.current_setting(name))) for name in ("statement_timeout", "TimeZone")]
    assert shown[0] == f"{STATEMENT_SECONDS}s"
    database.close()


def test_a_thread_without_a_connection_in_time_gets_an_error(postgres_url: str) -> None:
    database = Database(postgres_url, pool_seconds=0.05)
    held = [database.engine.connect() for _ in range(MOST_CONNECTIONS)]
    with pytest.raises(StoreUnavailable, match="QueuePool limit"), database.read():
        pytest.fail("there was one more")
    for connection in held:
        connection.close()
    database.close()


def test_a_restarted_postgresql_is_found_again() -> None:
    with postgres_server() as server:
        if server is None:
            pytest.skip("there is no PostgreSQL")
        url = server.new_database()
        upgrade(url)
        store = JobStore(url)
        job = store.create({"kind": "compile"})
        server.stop()
        with pytest.raises(StoreUnavailable, match="does not answer"):
            store.create({"kind": "compile"})
        server.start()
        assert store.get(job.id) == job
        store.close()
