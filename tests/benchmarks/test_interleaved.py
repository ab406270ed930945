"""Ratios of steps taken in turns."""

import pytest

from benchmarks.peers import interleaved


def test_every_variant_is_divided_by_the_plain_steps_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(interleaved.time, "perf_counter", lambda: clock[0])
    order: list[str] = []

    def step(name: str, cost: float) -> interleaved.Step:
        def take(number: int) -> None:
            order.append(f"{name}{number}")
            # A machine that gets slower all the time.
            clock[0] += cost * (1 + 0.001 * len(order))

        return take

    variants = {"a": step("a", 2.0), "b": step("b", 3.0)}
    plain, timings, ratios = interleaved.interleave(step("p", 1.0), variants, rounds=4, steps=1, warm_up=1)
    assert order[:3] == ["p0", "a0", "b0"]
    assert order[3:8] == ["p1", "a1", "p2", "b1", "p3"]
    assert order[8:13] == ["p4", "b2", "p5", "a2", "p6"]
    assert timings["a"].ratio == pytest.approx(2.0, rel=1e-5, abs=0)
    assert timings["b"].ratio == pytest.approx(3.0, rel=1e-5, abs=0)
    assert {name: len(found) for name, found in ratios.items()} == {"a": 4, "b": 4}
    assert 1.0 < plain < 1.1
