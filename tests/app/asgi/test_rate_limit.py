"""Buckets of permits, with a clock that the test turns."""

from __future__ import annotations

import pytest

from app.asgi.rate_limit import MOST_BUCKETS, RateLimit


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(2.0, 3, clock)
    assert [limit.take("a") for _ in range(3)] == [0, 0, 0]
    assert limit.take("a") == pytest.approx(0.5, rel=1e-12)
    clock.seconds = 0.25
    # A refused request takes nothing.
    assert limit.take("a") == pytest.approx(0.25, rel=1e-12)
    clock.seconds = 0.5
    assert limit.take("a") == 0
    assert limit.take("a") > 0


def test_a_bucket_holds_no_more_than_the_burst() -> None:
    clock = Clock()
    limit = RateLimit(10.0, 2, clock)
    limit.take("a")
    clock.seconds = 1e9
    assert [limit.take("a") > 0 for _ in range(3)] == [False, False, True]


def test_each_sender_has_a_bucket_of_its_own() -> None:
    limit = RateLimit(1.0, 1, Clock())
    assert limit.take("a") == 0
    assert limit.take("a") > 0
    assert limit.take("b") == 0


def test_the_rate_over_a_long_time_is_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(5.0, 10, clock)
    granted = 0
    for step in range(1, 10_001):
        clock.seconds = step / 100
        granted += limit.take("a") == 0
    assert granted == pytest.approx(10 + 5 * 100, abs=1)


def test_the_buckets_do_not_pile_up() -> None:
    limit = RateLimit(1.0, 1, Clock())
    limit.take("kept")
    for number in range(MOST_BUCKETS - 1):
        limit.take(f"address {number}")
    assert limit.take("kept") > 0
    limit.take("one more")
    # The one that was silent longest is forgotten, not the one that asked last.
    assert limit.take("kept") > 0
    assert limit.take("address 0") == 0


def test_a_permit_that_is_given_back_can_be_taken_again() -> None:
    limit = RateLimit(1.0, 2, Clock())
    limit.give_back("a")
    assert [limit.take("a") for _ in range(2)] == [0.0, 0.0]
    limit.give_back("a")
    assert limit.take("a") == 0.0
    assert limit.take("a") > 0
