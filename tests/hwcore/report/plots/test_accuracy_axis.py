"""The axis of accuracies: everything is on it, and what is near the top can be told apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hwcore.report.plots.accuracy_axis import accuracy_axis


def axes() -> Axes:
    return Figure().add_subplot()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.1, 1.1), min_size=1, max_size=5))
def test_every_accuracy_is_on_the_axis(accuracies: list[float]) -> None:
    found = axes()
    place = accuracy_axis(found, "y", accuracies, "accuracy")
    low, high = found.get_ylim()
    for accuracy in accuracies:
        assert low < place(min(max(accuracy, 0.0), 1.0)) < high
    assert any(low <= tick <= high for tick in found.get_yticks())


@pytest.mark.parametrize(
    ("accuracies", "scale"),
    [([0.97, 0.98], "linear"), ([0.88, 0.99], "linear"), ([0.1, 0.7], "linear"), ([0.1, 0.98], "logit")],
)
def test_the_scale_follows_from_the_spread(accuracies: list[float], scale: str) -> None:
    found = axes()
    place = accuracy_axis(found, "x", accuracies, "accuracy (%)")
    assert found.get_xscale() == scale
    assert found.get_xlabel() == ("accuracy (%)" if scale == "linear" else "accuracy (%), logit scale")
    assert [place(accuracy) for accuracy in accuracies] == accuracies


def test_what_has_no_odds_is_drawn_at_the_ends() -> None:
    place = accuracy_axis(axes(), "x", [0.0, 1.0], "accuracy")
    assert (place(0.0), place(0.5), place(1.0)) == (0.005, 0.5, 0.9995)


def test_ticks_are_in_percent() -> None:
    found = axes()
    accuracy_axis(found, "y", [0.2, 0.995], "accuracy")
    assert [found.yaxis.get_major_formatter()(tick) for tick in found.get_yticks()][-3:] == ["98", "99", "99.5"]
