"""The services of a server, as one value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from app.main import create_app
from app.services.services import Services, services_of
from tests.app.live_server import settings_for


def test_they_are_made_from_the_settings_and_no_database_is_made_yet(tmp_path: Path) -> None:
    services = Services.of(settings_for(tmp_path, root_path="/mho"))
    assert services.links.job("x") == "/mho/v1/jobs/x"
    assert services.checks == {}
    assert not (tmp_path / "mho.sqlite3").exists()


def test_they_share_the_connections_of_one_database(tmp_path: Path) -> None:
    services = Services.of(settings_for(tmp_path))
    assert services.jobs._database is services.tokens._database is services.uploads["dataset"]._database


def test_an_application_keeps_its_own(tmp_path: Path) -> None:
    checks = {"lamp": lambda: None}
    app = create_app(settings_for(tmp_path), checks=checks)
    services = services_of(app)
    assert services is services_of(app)
    assert services.settings == settings_for(tmp_path)
    assert dict(services.checks) == checks


def test_nothing_is_replaced_later(tmp_path: Path) -> None:
    services = Services.of(settings_for(tmp_path))
    with pytest.raises(FrozenInstanceError):
        services.links = services.links  # type: ignore[misc]
    with pytest.raises(TypeError):
        services.checks["lamp"] = lambda: None  # type: ignore[index]
