"""Reach of a server: beyond this machine it answers nobody without a token."""

from __future__ import annotations

from contextlib import closing

from app.serving.listener import LOOPBACK_NAMES, is_loopback
from hwcore.errors import Fault, InvalidInput
from worker.contract import Settings, TokenStore, upgrade


def host_names(settings: Settings) -> frozenset[str]:
    """The names of `MHO_HOSTS`, lower case."""
    return frozenset(name.strip().lower() for name in settings.hosts.split(",") if name.strip())


def is_far(settings: Settings, host: str) -> bool:
    """Tell whether other machines are to reach the server: it listens to them, or a proxy passes them on."""
    return not is_loopback(host) or not host_names(settings) <= LOOPBACK_NAMES


def allowed_hosts(settings: Settings, host: str) -> frozenset[str] | None:
    """The names under which a server that listens on `host` may be called; None for any.

    Any will do beyond loopback: a page that reaches the server by a name of its own has no token.
    """
    names = host_names(settings)
    return names | LOOPBACK_NAMES if names or is_loopback(host) else None


def settled_access(settings: Settings, host: str) -> Settings:
    """The settings for a server that listens on `host`, with access by token where it is heard beyond this machine.

    Makes the database and brings it up to date where it has to look for tokens.

    Raises:
        InvalidInput: it would be heard beyond this machine with access off, or without anybody having a token.
        StoreUnavailable: the database does not answer.
    """
    if not is_far(settings, host):
        return settings
    if settings.access == "off":
        got, allowed = "off", "auto or tokens, or --host 127.0.0.1 without MHO_HOSTS"
        message = f"got {got}; allowed: {allowed}. Whoever reaches this server would do as they like with it"
        raise InvalidInput([Fault("/MHO_ACCESS", message, got, allowed)])
    if settings.access == "auto" and not _somebody_has_a_token(settings):
        allowed = (
            "127.0.0.1, ::1 or localhost without MHO_HOSTS while nobody has an access token; make one with `mho token "
            "create NAME --scope submit` for the same home or database (MHO_ACCESS=tokens starts without)"
        )
        raise InvalidInput([Fault("/--host", f"got {host}; allowed: {allowed}", host, allowed)])
    return settings.model_copy(update={"access": "tokens"})


def _somebody_has_a_token(settings: Settings) -> bool:
    upgrade(settings.database_url)
    with closing(TokenStore(settings.database_url)) as tokens:
        return tokens.any_live()
