"""The access tokens of the service: 256 random bits each, of which the database holds a digest and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, or_, select, update

from hwcore.errors import Fault, InvalidInput
from worker.contract.access.caller import Caller
from worker.contract.access.scopes import Scope
from worker.contract.database.database import Database, now
from worker.contract.database.tables import TOKENS
from worker.contract.errors import TokenInvalid, TokenNotFound
from worker.contract.ids import new_id

PREFIX = "mho_"
"""Prefix by which a secret scanner knows a token that has leaked."""

RANDOM_BYTES = 32
SECRET = re.compile(r"mho_[A-Za-z0-9_-]{43}", re.ASCII)
NAME_LENGTH = 200


@dataclass(frozen=True)
class Token:
    """A token as it is known; not the token itself, which nobody can find out any more.

    Args:
        id: UUIDv7; the owner of the jobs that are posted with it.
        name: the operator's name for it.
        scopes: what it allows.
        created_at: when it was made (UTC, as all times here).
        expires_at: until when it is good; None for ever.
        revoked_at: when it was revoked; None while it is good.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def state(self, moment: datetime) -> str:
        """State of the token at a moment: "live", "expired" or "revoked"."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= moment else "live"


class TokenStore:
    """The token table.

    A token has 256 bits of entropy, so its SHA-256 cannot be turned round by guessing: the slow hashes that passwords
    need would protect nothing here and cost every request. A token is looked up by its digest: what the index compares
    is not in the sender's hands, so the time it takes tells nothing about a token that exists; the digest that is found
    is compared once more in constant time.

    Args:
        database: as `Settings.database_url`, brought up to date by `upgrade`; or one whose connections are shared with
            other stores.

    Raises:
        StoreUnavailable: (every method) the database does not answer.
    """

    def __init__(self, database: str | Database) -> None:
        self._database = Database.of(database)

    def close(self) -> None:
        """Close the connections, also those of stores that share them; they may be used again and open new ones."""
        self._database.close()

    def create(self, name: str, scopes: Iterable[Scope | str], expires_at: datetime | None = None) -> tuple[Token, str]:
        """Make a token.

        Args:
            name: 1 to 200 printable characters; for people, need not be unique.
            scopes: at least one.
            expires_at: until when it is good, later than now; None for ever.

        Returns:
            What is known of the token, and the token itself: this is the only time that anybody sees it.

        Raises:
            InvalidInput: an argument is not allowed.
        """
        given = sorted({str(scope) for scope in scopes})
        secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
        with self._database.write() as connection:
            moment = now(connection)
            _check(name, given, expires_at, moment)
            token = Token(new_id(), name, tuple(Scope(each) for each in given), moment, expires_at, None)
            connection.execute(
                insert(TOKENS).values(
                    id=token.id,
                    name=name,
                    digest=digest_of(secret),
                    scopes=given,
                    created_at=moment,
                    expires_at=expires_at,
                )
            )
        return token, secret

    def verify(self, secret: str) -> Caller:
        """Find the token of a secret.

        Raises:
            TokenInvalid: there is no such token, it has expired, or it was revoked. The message does not repeat it.
        """
        if not SECRET.fullmatch(secret):
            raise TokenInvalid(
                "the token is malformed; allowed: mho_ and 43 characters, as `mho token create` printed it"
            )
        digest = digest_of(secret)
        with self._database.read() as connection:
            row = connection.execute(select(TOKENS).where(TOKENS.c.digest == digest)).one_or_none()
            moment = now(connection)
        if row is None or not hmac.compare_digest(row.digest, digest):
            raise TokenInvalid("the token is not one of this server's; `mho token list` there shows which there are")
        token = _token_of(row)
        if (state := token.state(moment)) != "live":
            raise TokenInvalid(f"the token {token.id} is {state}; the server's operator can make a new one")
        return Caller(token.id, frozenset(token.scopes))

    def list(self) -> tuple[Token, ...]:
        """Every token there ever was, newest first."""
        with self._database.read() as connection:
            return tuple(_token_of(row) for row in connection.execute(select(TOKENS).order_by(TOKENS.c.id.desc())))

    def revoke(self, token_id: str) -> Token:
        """Make a token good for nothing; a server may believe it for a second more. Its jobs stay; twice is no error.

        Raises:
            TokenNotFound: no token has this id.
        """
        with self._database.write() as connection:
            connection.execute(
                update(TOKENS)
                .where(TOKENS.c.id == token_id, TOKENS.c.revoked_at.is_(None))
                .values(revoked_at=now(connection))
            )
            row = connection.execute(select(TOKENS).where(TOKENS.c.id == token_id)).one_or_none()
        if row is None:
            raise TokenNotFound(f"got the token id {token_id[:80]!r}; allowed: an id that `mho token list` shows")
        return _token_of(row)

    def live(self, token_ids: Collection[str]) -> frozenset[str]:
        """Leave those of these tokens that are good now."""
        with self._database.read() as connection:
            good = _live(now(connection))
            named = TOKENS.c.id.in_(tuple(token_ids))
            return frozenset(connection.scalars(select(TOKENS.c.id).where(named, *good)))

    def any_token(self) -> bool:
        """Tell whether there is or ever was a token: then requests need one, even when the last of them has expired."""
        with self._database.read() as connection:
            return connection.execute(select(TOKENS.c.id).limit(1)).first() is not None

    def any_live(self) -> bool:
        """Tell whether some token is good now."""
        with self._database.read() as connection:
            good = _live(now(connection))
            return connection.execute(select(TOKENS.c.id).where(*good).limit(1)).first() is not None


def digest_of(secret: str) -> str:
    """Digest of a token, as the database holds it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _live(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions that leave only those tokens that are good at a moment."""
    return TOKENS.c.revoked_at.is_(None), or_(TOKENS.c.expires_at.is_(None), TOKENS.c.expires_at > moment)


def _fault(pointer: str, got: str, allowed: str) -> Fault:
    """One fault of a new token."""
    return Fault(pointer, f"got {got}; allowed: {allowed}", got, allowed)


def _check(name: str, scopes: list[str], expires_at: datetime | None, moment: datetime) -> None:
    """Raise InvalidInput with every fault of a new token."""
    faults = []
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        faults.append(_fault("/name", ascii(name[:80]), f"1 to {NAME_LENGTH} printable characters"))
    known = [scope.value for scope in Scope]
    if not scopes or not set(scopes) <= set(known):
        faults.append(_fault("/scopes", ", ".join(scopes)[:80] or "none", f"one or more of {', '.join(known)}"))
    if expires_at is not None and expires_at <= moment:
        faults.append(_fault("/expires_at", expires_at.isoformat(), "a time to come"))
    if faults:
        raise InvalidInput(tuple(faults))


def _token_of(row: Row[Any]) -> Token:
    """The token that a row describes."""
    scopes = tuple(Scope(each) for each in row.scopes)
    return Token(row.id, row.name, scopes, row.created_at, row.expires_at, row.revoked_at)
