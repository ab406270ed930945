from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.worker.private_redis import private_redis
from worker.contract.embedded import redis_service


def test_it_listens_on_a_private_socket_and_nowhere_else(tmp_path: Path) -> None:
    with private_redis(tmp_path) as server:
        server.start()
        assert server.socket.parent.stat().st_mode & 0o777 == 0o700
        assert server.socket.stat().st_mode & 0o777 == 0o600
        with server.client() as client:
            wanted = {"port": "0", "appendonly": "yes", "maxmemory-policy": "noeviction", "save": ""}
            assert {name: client.config_get(name)[name] for name in wanted} == wanted
    assert not server.socket.parent.exists()


def test_what_was_queued_survives_a_kill(tmp_path: Path) -> None:
    with private_redis(tmp_path) as server:
        server.start()
        with server.client() as client:
            client.config_set("appendfsync", "always")
            client.rpush("queue", "job")
            server.stop()
            server.start()
            assert client.lrange("queue", 0, -1) == [b"job"]


def test_damaged_data_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonly.aof").write_bytes(b"*2\r\n$6\r\nnonsense that no redis has written\r\n" * 10)
    with private_redis(tmp_path) as server:
        server.start()
        with server.client() as client:
            assert client.ping()


def test_the_socket_of_a_killed_service_is_removed_by_the_next(tmp_path: Path) -> None:
    with private_redis(tmp_path) as server:
        left = server.socket.parent
        with private_redis(tmp_path / "other") as other:
            assert left.exists()
            assert other.socket.parent != left
        (tmp_path / "other" / "redis-socket-folder").write_text(f"{left}\n")
        with private_redis(tmp_path / "other"):
            assert not left.exists()


def test_a_note_that_names_another_folder_removes_nothing(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (tmp_path / "redis-socket-folder").write_text(f"{precious}\n")
    with private_redis(tmp_path):
        assert precious.exists()


def test_a_long_temporary_folder_is_avoided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with private_redis(tmp_path) as server:
        server.start()
        assert len(str(server.socket)) <= redis_service.LONGEST_SOCKET_PATH
    assert list(long.iterdir()) == []
