"""A server that is heard beyond its machine wants tokens, and says so before it starts."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from app.serving.listener import LOOPBACK_NAMES
from app.serving.reach import allowed_hosts, is_far, settled_access
from hwcore.errors import InvalidInput
from tests.app.live_server import live_server, problem_of, settings_for
from worker.contract import Scope, Settings, TokenStore, upgrade

LOOPBACK = ["127.0.0.1", "::1", "localhost", "127.9.9.9"]
FAR = ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1"]


def make_token(settings: Settings) -> str:
    upgrade(settings.database_url)
    with closing(TokenStore(settings.database_url)) as tokens:
        return tokens.create("x", [Scope.READ])[0].id


@pytest.mark.parametrize("host", LOOPBACK)
@pytest.mark.parametrize("access", ["auto", "tokens", "off"])
def test_on_loopback_access_is_as_it_is_set(tmp_path: Path, host: str, access: str) -> None:
    settings = settings_for(tmp_path / "home", access=access)
    assert not is_far(settings, host)
    assert settled_access(settings, host) == settings
    assert allowed_hosts(settings, host) == LOOPBACK_NAMES
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("host", FAR)
def test_beyond_it_somebody_must_have_a_token(tmp_path: Path, host: str) -> None:
    settings = settings_for(tmp_path)
    assert is_far(settings, host)
    with pytest.raises(InvalidInput, match="mho token create") as refused:
        settled_access(settings, host)
    assert refused.value.faults[0].pointer == "/--host"
    token_id = make_token(settings)
    assert settled_access(settings, host).access == "tokens"
    with closing(TokenStore(settings.database_url)) as tokens:
        tokens.revoke(token_id)
    with pytest.raises(InvalidInput, match="mho token create"):
        settled_access(settings, host)


@pytest.mark.parametrize("host", FAR)
def test_beyond_it_access_is_not_off(tmp_path: Path, host: str) -> None:
    settings = settings_for(tmp_path, access="off")
    make_token(settings)
    with pytest.raises(InvalidInput, match="MHO_ACCESS: got off"):
        settled_access(settings, host)


def test_beyond_it_tokens_may_come_later(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "home", access="tokens")
    assert settled_access(settings, "0.0.0.0") == settings
    assert not (tmp_path / "home").exists()


def test_a_server_behind_a_proxy_is_heard_beyond_its_machine(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, hosts="mho.example, MHO:8000 ,")
    assert is_far(settings, "127.0.0.1")
    with pytest.raises(InvalidInput, match="mho token create"):
        settled_access(settings, "127.0.0.1")
    assert allowed_hosts(settings, "127.0.0.1") == LOOPBACK_NAMES | {"mho.example", "mho:8000"}
    assert allowed_hosts(settings, "0.0.0.0") == LOOPBACK_NAMES | {"mho.example", "mho:8000"}
    assert allowed_hosts(settings_for(tmp_path), "0.0.0.0") is None
    assert not is_far(settings_for(tmp_path, hosts="localhost"), "127.0.0.1")


def test_a_name_that_is_allowed_is_answered(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, hosts="mho.example", access="tokens")
    with live_server(settings, hosts=allowed_hosts(settings, "127.0.0.1")) as server:
        assert server.http.get("/healthz", headers={"Host": "mho.example"}).status_code == 200
        problem_of(server.http.get("/healthz", headers={"Host": "evil.example"}), 421, "HOST_NOT_ALLOWED")
