from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from worker.contract import ArtifactStore, JobStore, Settings, upgrade


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MHO_{name.upper()}", raising=False)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings with everything in one temporary folder, and short intervals."""
    return Settings(
        home=tmp_path / "home",
        database_url=database_url,
        lease_seconds=3.0,
        heartbeat_seconds=0.1,
        reconcile_seconds=0.1,
        cancel_grace_seconds=0.3,
        threads=1,
        store_seconds=0.0,
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[JobStore]:
    upgrade(settings.database_url)
    store = JobStore(settings.database_url)
    yield store
    store.close()


@pytest.fixture
def artifacts(settings: Settings) -> ArtifactStore:
    return ArtifactStore.of(settings)


@pytest.fixture
def document() -> dict[str, Any]:
    """The document of a real job that takes a second or two."""
    return {
        "kind": "compile",
        "hardware": "sram-4b",
        "dataset": "digits",
        "model": {"hidden": [8]},
        "training": {"epochs": 1},
        "evaluation": {"chips": 2},
    }
