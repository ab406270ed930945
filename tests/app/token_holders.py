"""A live server that wants tokens, and those who hold some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.app.live_server import LiveServer, live_server, settings_for
from worker.contract import Caller, JobStore, Scope, TokenStore

AUTHORIZATION = "Authorization"


def bearer(secret: str) -> dict[str, str]:
    """The header that carries a token."""
    return {AUTHORIZATION: f"Bearer {secret}"}


@dataclass(frozen=True)
class Holder:
    """One who holds a token of a server."""

    server: LiveServer
    secret: str
    token_id: str
    scope: Scope

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request with the token."""
        headers = {**bearer(self.secret), **options.pop("headers", {})}
        return self.server.http.request(method, path, headers=headers, **options)

    @property
    def jobs(self) -> JobStore:
        """The server's jobs as this holder sees them."""
        return self.server.jobs.seen_by(Caller(self.token_id, frozenset({self.scope})))


@contextmanager
def guarded_server(home: Path, **changes: Any) -> Iterator[LiveServer]:
    """A server for which a token is needed."""
    with live_server(settings_for(home, **{"access": "tokens", "rate_burst": 100_000, **changes})) as server:
        yield server


def holder(server: LiveServer, scope: Scope, name: str = "holder") -> Holder:
    """Somebody with a new token."""
    tokens = TokenStore(server.settings.database_url)
    token, secret = tokens.create(name, [scope])
    tokens.close()
    return Holder(server, secret, token.id, scope)
