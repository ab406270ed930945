"""Places for what may be under way at once."""

from __future__ import annotations

from app.services.places import Places


def test_there_are_so_many_of_one_caller_and_in_all() -> None:
    places = Places(3, 2)
    assert places.take("ann") is None
    assert places.take("ann") is None
    assert places.take("ann") == "2 of this token"
    assert places.take("bob") is None
    assert places.take("bob") == "3 of all callers"
    places.free("ann")
    assert places.take("bob") is None
    places.free("bob")
    places.free("bob")
    assert places.take("ann") is None


def test_without_tokens_everybody_together_may_have_all() -> None:
    places = Places(3, 1)
    assert [places.take("") for _ in range(4)] == [None, None, None, "3 of all callers"]
