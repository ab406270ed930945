"""Fixtures: one live server for all tests that only need its answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.live_server import LiveServer, live_server, settings_for


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a real database and artifact store, and a broker that is down."""
    settings = settings_for(tmp_path_factory.mktemp("home"), max_queued_jobs=100_000)
    with live_server(settings) as running:
        yield running
