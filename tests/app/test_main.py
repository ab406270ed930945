"""The application as a whole: it starts without torch, and its parts come and go with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.main import create_app
from tests.app.live_server import live_server, settings_for
from worker.contract import StoreUnavailable

PROBE = """
import asyncio, sys, warnings
warnings.simplefilter("error")
import httpx
from app.main import create_app
from worker.contract import Settings

async def call() -> None:
    app = create_app(Settings(home=sys.argv[1], broker_url="redis+socket:///nonexistent/x"))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            job = await client.post("/v1/jobs", json={"hardware": "ideal", "dataset": "digits"})
            assert job.status_code == 202, job.text
            for path in ("/readyz", "/v1/hardware", "/v1/schemas/job", "/openapi.json", job.headers["location"]):
                assert (await client.get(path)).status_code in (200, 503), path

asyncio.run(call())
loaded = {"torch", "celery", "sklearn", "scipy"} & set(sys.modules)
assert not loaded, loaded
"""


def test_the_server_works_without_torch_and_celery(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_new_home_gets_its_database_and_folders(tmp_path: Path) -> None:
    with live_server(settings_for(tmp_path / "new" / "home")) as server:
        assert server.http.get("/v1/jobs").json() == {"jobs": [], "next_cursor": None}
        assert (tmp_path / "new" / "home" / "artifacts").is_dir()


def test_an_artifacts_folder_that_cannot_be_made_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with live_server(settings_for(tmp_path, artifacts_url=f"file://{tmp_path}/file/artifacts")) as server:
        assert server.http.get("/healthz").status_code == 200
        assert "artifacts" in server.http.get("/readyz").json()["detail"]


def test_a_database_url_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="MHO_DATABASE_URL"):
        create_app(settings_for(tmp_path, database_url="no url"))
