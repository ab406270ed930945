"""Tokens: what is kept of them, what they are good for, and when no longer."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from hwcore.errors import InvalidInput
from worker.contract import Caller, Scope, Settings, StoreUnavailable, TokenInvalid, TokenNotFound, TokenStore, upgrade
from worker.contract.access.tokens import digest_of
from worker.contract.database.database import Database
from worker.contract.database.tables import TOKENS

pytestmark = pytest.mark.each_database

SOON = timedelta(days=1)


@pytest.fixture
def tokens(settings: Settings) -> Iterator[TokenStore]:
    upgrade(settings.database_url)
    tokens = TokenStore(settings.database_url)
    yield tokens
    tokens.close()


def expire(settings: Settings, token_id: str) -> None:
    """Let a token's time run out."""
    database = Database(settings.database_url)
    with database.write() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(TOKENS).where(TOKENS.c.id == token_id).values(expires_at=past))
    database.close()


def test_a_token_is_256_random_bits_and_good_for_its_scopes(tokens: TokenStore) -> None:
    token, secret = tokens.create("bench", [Scope.SUBMIT], datetime.now(UTC) + SOON)
    assert re.fullmatch(r"mho_[A-Za-z0-9_-]{43}", secret)
    assert tokens.verify(secret) == Caller(token.id, frozenset({Scope.SUBMIT}))
    assert tokens.list() == (token,)
    secrets = {tokens.create("more", ["read"])[1] for _ in range(20)}
    assert len(secrets | {secret}) == 21


def test_the_database_has_the_digest_and_nothing_of_the_token(tokens: TokenStore, settings: Settings) -> None:
    token, secret = tokens.create("bench", ["read"])
    tokens.verify(secret)
    tokens.close()
    database = Database(settings.database_url)
    with database.read() as connection:
        row = connection.execute(select(TOKENS)).one()
    database.close()
    assert (row.id, row.digest) == (token.id, digest_of(secret))
    assert secret[4:] not in repr(row)
    if database.url.get_backend_name() == "sqlite":
        for file in Path(str(database.url.database)).parent.iterdir():
            assert secret[4:].encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("given", "may"),
    [
        ({"read"}, {"read"}),
        ({"submit"}, {"read", "submit"}),
        ({"read", "submit"}, {"read", "submit"}),
        ({"admin"}, {"read", "submit", "admin"}),
    ],
)
def test_what_scopes_include(tokens: TokenStore, given: set[str], may: set[str]) -> None:
    caller = tokens.verify(tokens.create("x", given)[1])
    assert {scope.value for scope in Scope if caller.may(scope)} == may
    assert caller.sees_all is ("admin" in given)


def test_a_token_ends_when_it_expires_or_is_revoked(tokens: TokenStore, settings: Settings) -> None:
    first, first_secret = tokens.create("first", ["read"], datetime.now(UTC) + SOON)
    second, second_secret = tokens.create("second", ["read"])
    assert tokens.any_live()
    expire(settings, first.id)
    with pytest.raises(TokenInvalid, match=f"{first.id} is expired"):
        tokens.verify(first_secret)
    assert tokens.verify(second_secret).token_id == second.id
    revoked = tokens.revoke(second.id)
    assert revoked.revoked_at is not None
    assert tokens.revoke(second.id) == revoked
    with pytest.raises(TokenInvalid, match=f"{second.id} is revoked"):
        tokens.verify(second_secret)
    assert [each.state(datetime.now(UTC)) for each in tokens.list()] == ["revoked", "expired"]
    assert tokens.any_token()
    assert not tokens.any_live()


def test_there_are_no_tokens_at_first(tokens: TokenStore) -> None:
    assert not tokens.any_token()
    assert not tokens.any_live()
    assert tokens.list() == ()


WRONG = {
    "empty": "",
    "no prefix": "A" * 47,
    "short": "mho_" + "A" * 42,
    "long": "mho_" + "A" * 44,
    "other letters": "mho_" + "ä" * 43,
    "line end": "mho_" + "A" * 43 + "\n",
    "another": "mho_" + "A" * 43,
}


@pytest.mark.parametrize("secret", WRONG.values(), ids=WRONG)
def test_what_is_no_token_is_refused_and_not_repeated(tokens: TokenStore, secret: str) -> None:
    tokens.create("x", ["admin"])
    with pytest.raises(TokenInvalid) as refused:
        tokens.verify(secret)
    assert not secret or secret[4:] not in str(refused.value)


def test_a_token_that_differs_in_one_letter_is_another(tokens: TokenStore) -> None:
    _, secret = tokens.create("x", ["admin"])
    for place in (4, 20, 45):
        changed = secret[:place] + ("B" if secret[place] == "A" else "A") + secret[place + 1 :]
        with pytest.raises(TokenInvalid):
            tokens.verify(changed)


def test_what_is_looked_up_is_the_digest(tokens: TokenStore) -> None:
    """What the database compares is not in the sender's hands: so its time tells nothing of the tokens that exist."""
    _, secret = tokens.create("x", ["read"])
    asked: list[object] = []

    verifying = threading.get_ident()

    def note(*arguments: Any) -> None:
        if threading.get_ident() != verifying:
            # A reconciler of a server that another test has started asks its own database.
            return
        parameters = arguments[3]
        asked.extend(parameters.values() if isinstance(parameters, dict) else parameters)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        tokens.verify(secret)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert asked == [digest_of(secret)]


def test_a_digest_is_no_token(tokens: TokenStore) -> None:
    _, secret = tokens.create("x", ["admin"])
    with pytest.raises(TokenInvalid):
        tokens.verify(digest_of(secret))


def test_every_fault_of_a_new_token_is_named(tokens: TokenStore) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.create("\n", ["write"], datetime.now(UTC) - SOON)
    assert [fault.pointer for fault in refused.value.faults] == ["/name", "/scopes", "/expires_at"]
    assert "read, submit, admin" in refused.value.faults[1].allowed
    with pytest.raises(InvalidInput):
        tokens.create("x" * 201, [])
    assert tokens.list() == ()


def test_revoking_what_is_not_there_says_so(tokens: TokenStore) -> None:
    with pytest.raises(TokenNotFound, match="mho token list"):
        tokens.revoke("nothing")


def test_a_database_without_the_table_is_said_so(tmp_path: Path) -> None:
    tokens = TokenStore(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(StoreUnavailable):
        tokens.verify("mho_" + "A" * 43)
    tokens.close()


def test_of_many_tokens_those_that_are_good(tokens: TokenStore, settings: Settings) -> None:
    good, later, revoked, expired = (
        tokens.create(name, ["read"], None if name == "good" else datetime.now(UTC) + SOON)[0].id
        for name in ("good", "later", "revoked", "expired")
    )
    tokens.revoke(revoked)
    expire(settings, expired)
    assert tokens.live([good, later, revoked, expired, "nobody's"]) == {good, later}
    assert tokens.live([]) == frozenset()
