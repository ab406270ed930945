"""Tokens that were good a moment ago."""

from __future__ import annotations

from app.asgi.known_tokens import KNOWN_SECONDS, KnownTokens
from worker.contract import Caller, Scope

ANN = Caller("ann", frozenset({Scope.READ}))


class Clock:
    """A clock that stands until it is moved."""

    moment = 100.0

    def __call__(self) -> float:
        return self.moment


def test_a_token_is_believed_for_a_moment_from_when_the_look_up_began() -> None:
    clock = Clock()
    known = KnownTokens(clock)
    assert known.caller("digest") is None
    asked = known.now()
    clock.moment += KNOWN_SECONDS / 2
    known.note("digest", ANN, asked)
    assert known.caller("digest") == ANN
    clock.moment += KNOWN_SECONDS / 2
    assert known.caller("digest") is None
    assert "digest" in known
    known.forget("digest")
    assert "digest" not in known


def test_only_so_many_are_remembered() -> None:
    known = KnownTokens(Clock(), most=2)
    for digest in ("a", "b", "a", "c"):
        known.note(digest, ANN, known.now())
    assert [digest in known for digest in "abc"] == [True, False, True]
