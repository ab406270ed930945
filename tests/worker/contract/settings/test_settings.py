from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.conftest import REPOSITORY
from worker.contract import Settings
from worker.contract.process.settings_doc import settings_page


def test_the_reference_page_is_up_to_date() -> None:
    page = REPOSITORY / "docs" / "reference" / "settings.md"
    assert page.read_text() == settings_page(), f"run: python -m worker.contract.process.settings_doc {page}"


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_folders_follow_the_home(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/mho.sqlite3"
    assert settings.artifacts_url == f"file://{tmp_path}/artifacts"
    assert settings.staging_dir == tmp_path / "staging"
    assert Settings().home == Path.home() / ".local/share/mho"


def test_folders_become_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MHO_DATA_DIR", "data")
    monkeypatch.setenv("MHO_STAGING_DIR", "~/staging")
    settings = Settings()
    assert settings.data_dir == tmp_path / "data"
    assert settings.staging_dir == Path.home() / "staging"


def test_the_environment_carries_every_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "with space", threads=3, lease_seconds=7.5, broker_url="redis://host/1")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_what_is_not_set_hides_what_the_parent_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    environment = {**os.environ, "MHO_DATA_DIR": "/somewhere", "MHO_THREADS": "9", **settings.environment()}
    code = "from worker.contract import Settings; s = Settings(); print(s.data_dir, s.threads)"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "None None\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", "0"),
        ("concurrency", "many"),
        ("lease_seconds", "0"),
        ("job_seconds", "nan"),
        ("heartbeat_seconds", "8"),
        ("log_level", "loud"),
        ("queues", "medium"),
        ("artifacts_url", "/var/lib/mho"),
        ("gc_grace_seconds", "0"),
        ("retention_days", "0"),
        ("max_stored_bytes", "-1"),
        ("broker_url", "amqp://host"),
        ("broker_url", "redis://host:port"),
        ("root_path", "mho"),
        ("root_path", "/mho/../x"),
        ("root_path", "https://example/mho"),
        ("root_path", "/a b"),
        ("root_path", "/v1/mho"),
    ],
)
def test_values_out_of_bounds_name_their_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"MHO_{name.upper()}", value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert [error["loc"][:1] for error in caught.value.errors()] == [(name,)]
